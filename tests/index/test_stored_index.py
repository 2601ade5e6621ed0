"""Index files: large ones, damaged ones, and what a crash leaves."""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
import zlib

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.index import HammingIndex, index_file
from wish_tf.index.stored_documents import contents_of
from wish_tf.index.string_table import StringTable


def _index(bits: int, count: int = 3000, names: bool = False) -> HammingIndex:
    rng = np.random.default_rng(bits)
    index = HammingIndex(bits)
    ids = [f"n{i}" for i in range(count)] if names else None
    index.add(rng.integers(0, 2, (count, bits)), ids)
    return index


@pytest.mark.parametrize("bits", [8, 20, 40, 64, 130])
def test_arrays_are_mapped_and_verified_on_demand(bits, tmp_path, monkeypatch):
    monkeypatch.setattr(index_file, "_SMALL", 1000)
    path = tmp_path / "x"
    index = _index(bits)
    index.save(path)
    loaded = HammingIndex.load(path)
    ids = loaded.documents.whole().table.ids
    assert not ids.flags.owndata and not ids.flags.writeable
    queries = np.random.default_rng(0).integers(0, 2, (4, bits))
    np.testing.assert_array_equal(
        loaded.search(queries, 9).ids, index.search(queries, 9).ids
    )
    # The last byte of the last array, which is a large one.
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "y").write_bytes(damaged)
    HammingIndex.load(tmp_path / "y")
    with pytest.raises(InputError, match="damaged or incomplete"):
        HammingIndex.load(tmp_path / "y", verify=True)


def test_a_loaded_index_survives_its_file_being_replaced_and_changed(tmp_path):
    path = tmp_path / "x"
    _index(16).save(path)
    loaded = HammingIndex.load(path)
    queries = np.random.default_rng(0).integers(0, 2, (4, 16))
    before = loaded.search(queries, 5).ids
    _index(16, 10).save(path)
    np.testing.assert_array_equal(loaded.search(queries, 5).ids, before)
    loaded.add(queries)
    loaded.save(path)
    assert len(HammingIndex.load(path)) == 3004


@pytest.mark.parametrize("names", [False, True])
def test_truncated_and_longer_files_are_refused(names, tmp_path):
    path = tmp_path / "x"
    _index(24, 50, names).save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 61), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="^expected a wish_tf HammingIndex file;"):
            HammingIndex.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(InputError, match="damaged or incomplete"):
        HammingIndex.load(path)


def test_contents_that_contradict_each_other_are_refused(tmp_path):
    path = tmp_path / "x"
    table = _index(8, 20).documents.whole().table
    good = {"bits": 8, "next_id": 20}
    starts = table.starts.copy()
    starts[3] = 99
    for values, changes in (
        ({"bits": 0}, {}),
        ({"bits": 9}, {}),
        ({"bits": "8"}, {}),
        ({"next_id": -1}, {}),
        ({}, {"ids": table.ids[:-1]}),
        ({}, {"ids": table.ids.astype(np.float32)}),
        ({}, {"ids": table.ids[:, None]}),
        ({}, {"starts": table.starts.astype(np.float32)}),
        ({}, {"starts": starts}),
        ({}, {"second": table.ids}),
        ({}, {"codes0": table.ids}),
        ({}, {"names": table.ids, "name_ends": table.ids}),
    ):
        arrays = {"starts": table.starts, "ids": table.ids} | changes
        index_file.write_index_file(
            path, "wish_tf HammingIndex", 2, good | values, arrays
        )
        with pytest.raises(InputError, match="whose contents contradict each other"):
            HammingIndex.load(path)
    index_file.write_index_file(path, "wish_tf HammingIndex", 3, good, {})
    message = "^expected a wish_tf HammingIndex file of version 2; got .* of version 3$"
    with pytest.raises(InputError, match=message):
        HammingIndex.load(path)


def test_codes_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "x"
    arrays = dict(_index(32, 20).documents.whole().table.arrays)
    arrays["codes0"] = arrays["codes0"].view(np.float32)
    index_file.write_index_file(
        path, "wish_tf HammingIndex", 2, {"bits": 32, "next_id": 20}, arrays
    )
    with pytest.raises(InputError, match="whose contents contradict each other"):
        HammingIndex.load(path)


def test_places_of_names_that_are_not_there_are_refused(tmp_path):
    path = tmp_path / "x"
    values, arrays = contents_of(_index(8, 20, names=True).documents)
    for wrong in (20, -1):
        ids = arrays["ids"].copy()
        ids[3] = wrong
        index_file.write_index_file(
            path, "wish_tf HammingIndex", 2, values, arrays | {"ids": ids}
        )
        with pytest.raises(InputError, match="whose contents contradict each other"):
            HammingIndex.load(path)


def _write_by_hand(path, header, length=None) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    start = index_file._START.pack(
        index_file._MAGIC, length or len(text), zlib.crc32(text)
    )
    path.write_bytes((start + text).ljust(4096, b"\0"))


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "O"},
        {"dtype": "nonsense"},
        {"dtype": "V0"},
        {"dtype": None},
        {"shape": [-1, -8]},
        {"shape": [10**30]},
        {"shape": "x"},
        {"shape": None},
        {"place": -10_000},
        {"place": 0.5},
        {"place": 10**30},
        {"crc32": "x"},
    ],
)
def test_a_header_made_by_hand_is_refused(tmp_path, change):
    entry = {"dtype": "<i8", "shape": [8], "place": 0, "crc32": 0} | change
    header = {"format": "wish_tf HammingIndex", "version": 2, "values": {}}
    _write_by_hand(tmp_path / "x", header | {"arrays": {"ids": entry}})
    with pytest.raises(InputError, match="damaged or incomplete$"):
        HammingIndex.load(tmp_path / "x")


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[" * 2000,
        b"\xff",
        [],
        None,
        {"format": "wish_tf HammingIndex", "version": 2},
        {"format": "wish_tf HammingIndex", "version": 2, "arrays": [], "values": {}},
        {"format": "wish_tf HammingIndex", "version": 2, "arrays": {}, "values": 3},
        {"format": "wish_tf HammingIndex", "version": 2, "arrays": 3, "values": {}},
    ],
)
def test_a_header_of_another_form_is_refused(tmp_path, header):
    _write_by_hand(tmp_path / "x", header)
    with pytest.raises(InputError, match="damaged or incomplete$"):
        HammingIndex.load(tmp_path / "x")


def test_a_length_beyond_the_file_takes_no_memory(tmp_path):
    _write_by_hand(tmp_path / "x", b"{}", length=2**32 - 1)
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged or incomplete$"):
        HammingIndex.load(tmp_path / "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize(("bits", "names"), [(8, False), (40, False), (8, True)])
def test_random_damage_is_refused_or_harmless(tmp_path, bits, names, monkeypatch):
    """Also where no checksum is compared, as for large arrays."""
    path = tmp_path / "x"
    index = _index(bits, 60, names)
    index.save(path)
    whole = path.read_bytes()
    queries = np.random.default_rng(1).integers(0, 2, (3, bits))
    expected = index.search(queries, 5)
    rng = np.random.default_rng(0)
    counts = {"refused": 0, "harmless": 0, "wrong": 0}
    for small in (1 << 24, 0):
        monkeypatch.setattr(index_file, "_SMALL", small)
        for _ in range(150):
            damaged = bytearray(whole)
            for at in rng.integers(0, len(whole), rng.integers(1, 4)):
                damaged[at] ^= 1 << int(rng.integers(8))
            path.write_bytes(damaged)
            try:
                found = HammingIndex.load(path).search(queries, 5)
            except InputError:
                counts["refused"] += 1
                continue
            same = (found.ids == expected.ids).all()
            assert same or not small
            counts["harmless" if same else "wrong"] += 1
    assert counts["refused"] > 150 and counts["harmless"] and counts["wrong"]


def test_a_process_killed_while_it_saves_leaves_the_former_file(tmp_path):
    path = tmp_path / "x"
    _index(8, 30).save(path)
    program = """
import os, signal, sys
import numpy as np
from wish_tf.index import HammingIndex
# Killed when the new file is written but not yet in its place.
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
index = HammingIndex(8)
index.add(np.zeros((5000, 8)))
index.save(sys.argv[1])
"""
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(os.listdir(tmp_path)) == 2  # the half-written one is not the index
    assert len(HammingIndex.load(path, verify=True)) == 30


def test_string_table():
    strings = ["", "a", "\ud800", "übung", "z" * 300, ""]
    table = StringTable.of(strings)
    assert list(table) == strings and table[-2:] == strings[-2:] and table.is_sound()
    assert list(StringTable.of([])) == []
    keep = np.array([True, False, True, True, False, False])
    assert list(table.kept(keep)) == ["", "\ud800", "übung"]
    ordered = StringTable.of(["b", "d"])
    places, known = ordered.find(["a", "b", "e"])
    assert (places.tolist(), known.tolist()) == ([0, 0, 2], [False, True, False])
    assert list(ordered.inserted(places, "xyz")) == ["x", "y", "b", "d", "z"]
    with pytest.raises(IndexError):
        table[6]
