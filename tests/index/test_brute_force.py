"""Every table, length and kind of change against a comparison with all codes."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wish_tf.codes import pack_bits
from wish_tf.index import HammingIndex, halves_table, scan_table, tables
from wish_tf.index.halves_table import HalvesTable
from wish_tf.index.posting_table import PostingTable
from wish_tf.index.scan_table import ScanTable

LENGTHS = [1, 5, 8, 9, 16, 17, 18, 20, 21, 24, 31, 32, 33, 40, 48, 49, 63, 64, 65]
LENGTHS += [72, 96, 100, 128, 129, 192, 200, 255, 256]
TABLES = {PostingTable: range(1, 21), HalvesTable: range(17, 33)}


def _codes(rng, count: int, bits: int, spread: float) -> np.ndarray:
    """Codes around a few centres, so that there are ties and near ones."""
    centres = rng.integers(0, 2, (3, bits))
    flips = rng.random((count, bits)) < spread
    return (centres[rng.integers(0, 3, count)] ^ flips).astype(np.uint8)


def _expected(documents: dict, query, k=None, radius=None):
    """Ids, distances and the ties at the boundary, by definition."""
    ranked = sorted((int((code != query).sum()), i) for i, code in documents.items())
    if radius is not None:
        ranked = [pair for pair in ranked if pair[0] <= radius]
    kept = ranked[:k]
    ties = sum(pair[0] == kept[-1][0] for pair in ranked[len(kept) :]) if kept else 0
    return [i for _, i in kept], [d for d, _ in kept], ties


def _check(index: HammingIndex, documents: dict, queries, k: int, radius: int) -> None:
    assert len(index) == len(documents)
    missing = None if any(isinstance(i, str) for i in documents) else -1
    result = index.search(queries, k)
    within = index.search_radius(queries, radius)
    assert result.ids.shape == result.distances.shape == (len(queries), k)
    assert result.codes.shape == (len(queries), k, -(-index.bits // 8))
    assert len(within) == len(queries)
    for row, query in enumerate(queries):
        ids, distances, ties = _expected(documents, query, k)
        padding = k - len(ids)
        assert result.ids[row].tolist() == ids + [missing] * padding
        assert result.distances[row].tolist() == distances + [-1] * padding
        assert result.ties[row] == ties
        if ids:
            codes = pack_bits([documents[i] for i in ids])
            np.testing.assert_array_equal(result.codes[row, : len(ids)], codes)
        assert not result.codes[row, len(ids) :].any()
        ids, distances, _ = _expected(documents, query, None, radius)
        assert within[row].ids.tolist() == ids
        assert within[row].distances.tolist() == distances
        if ids:
            codes = pack_bits([documents[i] for i in ids])
            np.testing.assert_array_equal(within[row].codes, codes)


def _force(monkeypatch, table) -> None:
    monkeypatch.setattr(tables, "_kind_of", lambda bits, documents: table)
    monkeypatch.setattr(scan_table, "_FEW", 0)


def _with_each_table(test):
    cases = [(ScanTable, bits) for bits in LENGTHS]
    cases += [(t, bits) for t, allowed in TABLES.items() for bits in allowed]
    return pytest.mark.parametrize(("table", "bits"), cases)(test)


@_with_each_table
def test_every_table_and_length(table, bits, monkeypatch):
    _force(monkeypatch, table)
    rng = np.random.default_rng(bits)
    for count, spread in ((2, 0.5), (60, 0.1), (400, 0.03), (400, 0.5)):
        codes = _codes(rng, count, bits, spread)
        ids = rng.permutation(3 * count)[:count]
        index = HammingIndex(bits)
        index.add(pack_bits(codes), ids, packed=True)
        queries = np.concatenate([codes[:2], _codes(rng, 3, bits, 0.5), codes[:1]])
        documents = dict(zip(ids.tolist(), codes, strict=True))
        for gone in ([], ids[: max(1, count // 5)]):
            index.remove(gone)
            for number in gone:
                del documents[number]
            for k, radius in ((1, 0), (7, 1), (40, bits // 4), (count + 1, bits)):
                _check(index, documents, queries, k, radius)
        # Marked, and not yet made anew without them.
        removed = [s.table.removed.size for s in index.documents.segments]
        assert removed == [max(1, count // 5)] or count == 2


@pytest.mark.parametrize("bits", [17, 24, 32])
def test_multi_index_hashing_in_small_steps(bits, monkeypatch):
    # Many parts and many queries, and with all documents in one place a comparison
    # with every code.
    _force(monkeypatch, HalvesTable)
    monkeypatch.setattr(halves_table, "_AT_ONCE", 300)
    monkeypatch.setattr(halves_table, "_QUERIES_AT_ONCE", 9)
    rng = np.random.default_rng(bits)
    for spread in (0.02, 0.3):
        codes = _codes(rng, 1500, bits, spread)
        index = HammingIndex(bits)
        index.add(codes)
        queries = _codes(rng, 25, bits, 0.2)
        _check(index, dict(enumerate(codes)), queries, 30, 4)


def test_a_scan_of_several_blocks(monkeypatch):
    monkeypatch.setattr(scan_table, "_CODES_AT_ONCE", 100)
    rng = np.random.default_rng(0)
    codes = _codes(rng, 2500, 64, 0.4)
    index = HammingIndex(64)
    index.add(codes)
    _check(index, dict(enumerate(codes)), _codes(rng, 4, 64, 0.5), 5, 20)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "remove", "update", "merge", "save"]),
        st.integers(0, 40),
    ),
    max_size=6,
)


@pytest.mark.parametrize("strings", [False, True], ids=["int", "str"])
@settings(max_examples=30)
@given(
    bits=st.sampled_from([1, 4, 12, 16, 18, 20, 30, 32, 50, 64, 100, 256]),
    forced=st.booleans(),
    changes=CHANGES,
    seed=st.integers(0, 2**31),
)
def test_any_changes(tmp_path_factory, strings, bits, forced, changes, seed):
    rng = np.random.default_rng(seed)
    index, documents = HammingIndex(bits), {}
    with pytest.MonkeyPatch.context() as patch:
        if forced:
            patch.setattr(tables, "_AT_ONCE", 16)
            patch.setattr(scan_table, "_FEW", 20)
            if 17 <= bits <= 32:
                _force(patch, HalvesTable)
        for change, count in changes:
            codes = _codes(rng, count, bits, 0.2)
            if change in ("add", "merge"):
                ids = rng.permutation(200)[:count].tolist()
                ids = [f"ü{i}" if strings else i for i in ids]
                fresh = [i for i in range(count) if ids[i] not in documents]
                ids, codes = [ids[i] for i in fresh], codes[fresh]
                target = index if change == "add" else HammingIndex(bits)
                target.add(codes, ids)
                if change == "merge":
                    index.merge(target)
                documents.update(zip(ids, codes, strict=True))
            elif change == "save":
                path = tmp_path_factory.mktemp("index") / "file"
                index.save(path)
                index = HammingIndex.load(path, verify=True)
            else:
                chosen = rng.permutation(len(documents))[:count].tolist()
                ids = [list(documents)[i] for i in chosen]
                if change == "remove":
                    index.remove(ids)
                    for i in ids:
                        del documents[i]
                else:
                    index.update(codes[: len(ids)], ids)
                    documents.update(zip(ids, codes, strict=False))
            _check(index, documents, _codes(rng, 3, bits, 0.3), 5, bits // 3)
    assert (index.nbytes > 0) == (len(documents) > 0)


@pytest.mark.parametrize("bits", [8, 24, 64])
def test_searches_beside_changes_see_all_of_a_change_or_nothing(bits, monkeypatch):
    if bits == 24:
        _force(monkeypatch, HalvesTable)
    rng = np.random.default_rng(bits)
    code = rng.integers(0, 2, (1, bits))
    batch = np.repeat(code, 50, axis=0)
    index = HammingIndex(bits)
    index.add(batch)
    failures, stopped, searched = [], threading.Event(), [0, 0]

    def search(thread: int) -> None:
        try:
            while not stopped.is_set() or searched[thread] < 5:
                [found] = index.search_radius(code, 0)
                assert found.ids.size % 50 == 0 and found.ids.size > 0
                nearest = index.search(code, 60)
                assert (nearest.ids >= 0).sum() in (50, 60)
                searched[thread] += 1
        except BaseException as error:  # reported by the test itself
            failures.append(error)

    threads = [threading.Thread(target=search, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        ids = index.add(batch)
        index.update(batch, ids)
        index.remove(ids[:50] if rng.random() < 0.5 else index.add(batch))
    stopped.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(index) % 50 == 0
