"""Index files: large ones, damaged ones, and what a crash leaves."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.index import HammingIndex, index_file
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
    ids = loaded.documents.table.ids
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
        with pytest.raises(InputError, match="must be a wish_tf HammingIndex file"):
            HammingIndex.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(InputError, match="damaged or incomplete"):
        HammingIndex.load(path)


def test_contents_that_contradict_each_other_are_refused(tmp_path):
    path = tmp_path / "x"
    table = _index(8, 20).documents.table
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
    message = "of a version that this version of wish_tf can read; got version 3."
    with pytest.raises(InputError, match=re.escape(message)):
        HammingIndex.load(path)


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
