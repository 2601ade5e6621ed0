import copy
import os
import pickle
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from wish_tf.codes import int_to_codes, pack_bits
from wish_tf.errors import InputError
from wish_tf.index import HammingIndex, SearchResult
from wish_tf.index import posting_table as posting_table_module


def _brute_force(documents, queries, k):
    """Sorts all documents, {id: integer code}, by distance and then id."""
    ids = np.full((len(queries), k), -1)
    distances = np.full((len(queries), k), -1)
    for row, query in enumerate(queries):
        ranked = sorted((int(c ^ query).bit_count(), i) for i, c in documents.items())
        for column, (distance, number) in enumerate(ranked[:k]):
            ids[row, column], distances[row, column] = number, distance
    return ids, distances


def _check(index, documents, queries, bits, k):
    result = index.search(int_to_codes(queries, bits), k)
    ids, distances = _brute_force(documents, queries, k)
    assert result.ids.dtype == np.int64
    assert result.distances.dtype == np.int32
    np.testing.assert_array_equal(result.ids, ids)
    np.testing.assert_array_equal(result.distances, distances)


def _check_radius(index, documents, queries, bits, radius):
    results = index.search_radius(int_to_codes(queries, bits), radius)
    assert len(results) == len(queries)
    ids, distances = _brute_force(documents, queries, len(documents))
    for result, row_ids, row_distances in zip(results, ids, distances, strict=True):
        near = row_distances <= radius
        assert result.ids.dtype == np.int64
        assert result.distances.dtype == np.int32
        np.testing.assert_array_equal(result.ids, row_ids[near])
        np.testing.assert_array_equal(result.distances, row_distances[near])


def test_nearest_first_and_smaller_id_first_among_ties():
    index = HammingIndex(3)
    index.add([[1, 1, 1], [0, 0, 1], [0, 0, 0], [0, 1, 0]], ids=[3, 9, 20, 5])
    result = index.search([[0, 0, 0]], k=3)
    assert isinstance(result, SearchResult)
    assert result.ids.tolist() == [[20, 5, 9]]
    assert result.distances.tolist() == [[0, 1, 1]]


def test_rows_are_padded_where_there_are_too_few_documents():
    index = HammingIndex(2)
    index.add([[1, 1]], ids=[4])
    result = index.search([[0, 1], [1, 1]], k=3)
    assert result.ids.tolist() == [[4, -1, -1], [4, -1, -1]]
    assert result.distances.tolist() == [[1, -1, -1], [0, -1, -1]]


def test_an_empty_index_and_no_queries():
    index = HammingIndex(5)
    assert len(index) == 0
    result = index.search(np.zeros((2, 5)), k=2)
    assert result.ids.tolist() == [[-1, -1]] * 2
    assert result.distances.tolist() == [[-1, -1]] * 2
    assert index.search_radius(np.zeros((1, 5)), 5)[0].ids.tolist() == []
    assert index.bucket_sizes().tolist() == [0] * 32
    index.add(np.zeros((1, 5)))
    assert index.search(np.empty((0, 5)), k=7).ids.shape == (0, 7)
    assert index.search_radius(np.empty((0, 5)), 1) == []


@pytest.mark.parametrize("bits", range(1, 17))
@pytest.mark.parametrize("size", [3, 300, 3000])
def test_equals_brute_force(bits, size):
    rng = np.random.default_rng(bits * size)
    codes = rng.integers(0, 1 << bits, size)
    queries = rng.integers(0, 1 << bits, 8)
    queries[-1] = queries[0]
    index = HammingIndex(bits)
    index.add(int_to_codes(codes, bits))
    documents = dict(enumerate(codes.tolist()))
    for k in (1, 10, 150, size + 2):
        _check(index, documents, queries.tolist(), bits, k)
    for radius in (0, 1, bits // 2, bits, bits + 3):
        _check_radius(index, documents, queries.tolist(), bits, radius)


@pytest.mark.parametrize("bits", [4, 10, 16])
def test_equals_brute_force_when_documents_are_far_from_the_queries(bits):
    rng = np.random.default_rng(bits)
    # All documents near one corner of the cube, queries all over it: many empty
    # buckets on the way, long lists at its end.
    near = np.array([0, 1, 2, 1 << (bits - 1)])
    codes = rng.choice(near, 900)
    index = HammingIndex(bits)
    index.add(int_to_codes(codes, bits))
    documents = dict(enumerate(codes.tolist()))
    queries = [(1 << bits) - 1, 0, *rng.integers(0, 1 << bits, 5).tolist()]
    for k in (1, 100, 500):
        _check(index, documents, queries, bits, k)
    _check_radius(index, documents, queries, bits, bits - 2)


@pytest.mark.parametrize("bits", [3, 8, 12])
def test_equals_brute_force_through_removals_and_additions(bits):
    rng = np.random.default_rng(bits)
    index = HammingIndex(bits)
    documents = {}
    for _ in range(12):
        ids = np.setdiff1d(rng.integers(0, 400, 90), list(documents))
        rng.shuffle(ids)
        codes = rng.integers(0, 1 << bits, ids.size)
        index.add(int_to_codes(codes, bits), ids)
        documents.update(zip(ids.tolist(), codes.tolist(), strict=True))
        gone = rng.choice(list(documents), 40, replace=False)
        index.remove(gone)
        for number in gone.tolist():
            del documents[number]
        assert len(index) == len(documents)
        queries = rng.integers(0, 1 << bits, 4).tolist()
        _check(index, documents, queries, bits, 12)
        _check_radius(index, documents, queries, bits, 2)
        expected = np.bincount(list(documents.values()), minlength=1 << bits)
        np.testing.assert_array_equal(index.bucket_sizes(), expected)


def test_more_queries_than_are_answered_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    index = HammingIndex(9)
    index.add(rng.integers(0, 2, (700, 9)))
    queries = rng.integers(0, 2, (300, 9))
    whole = index.search(queries, 20)
    monkeypatch.setattr(posting_table_module, "_BUCKETS_AT_ONCE", 700)
    parts = index.search(queries, 20)
    np.testing.assert_array_equal(parts.ids, whole.ids)
    np.testing.assert_array_equal(parts.distances, whole.distances)


def test_result_does_not_depend_on_the_order_of_addition():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 2, (500, 6))
    whole, parts = HammingIndex(6), HammingIndex(6)
    whole.add(codes)
    for chunk in np.array_split(rng.permutation(500), 9):
        parts.add(codes[chunk], chunk)
    expected = whole.search(codes[:50], 30)
    np.testing.assert_array_equal(parts.search(codes[:50], 30).ids, expected.ids)


@pytest.mark.parametrize("bits", [3, 8, 11, 16])
def test_packed_codes_do_the_same(bits):
    rng = np.random.default_rng(bits)
    codes = rng.integers(0, 2, (200, bits))
    plain, packed = HammingIndex(bits), HammingIndex(bits)
    plain.add(codes)
    packed.add(pack_bits(codes), packed=True)
    expected = plain.search(codes[:9], 40)
    result = packed.search(pack_bits(codes[:9]), 40, packed=True)
    np.testing.assert_array_equal(result.ids, expected.ids)
    np.testing.assert_array_equal(result.distances, expected.distances)
    radius = packed.search_radius(pack_bits(codes[:9]), 1, packed=True)
    for a, b in zip(radius, plain.search_radius(codes[:9], 1), strict=True):
        np.testing.assert_array_equal(a.ids, b.ids)


def test_ids_count_on_and_are_not_given_again():
    index = HammingIndex(2)
    assert index.add([[0, 0], [0, 1]]).tolist() == [0, 1]
    assert index.add([[0, 0]], ids=[10]).tolist() == [10]
    assert index.add([[1, 0]]).tolist() == [11]
    assert index.add([[1, 0]], ids=[5]).tolist() == [5]
    index.remove([11])
    assert index.add([[1, 1]]).tolist() == [12]
    assert len(index) == 5
    assert index.bucket_sizes().tolist() == [2, 1, 1, 1]
    index.remove([12, 10])
    index.add([[1, 1]], ids=[6])
    assert index.add([[1, 1]]).tolist() == [13]


def test_adding_and_removing_nothing():
    index = HammingIndex(2)
    index.add([[0, 1]])
    assert index.add(np.empty((0, 2))).tolist() == []
    assert index.add(np.empty((0, 2)), ids=[]).tolist() == []
    index.remove([])
    assert len(index) == 1


def test_results_are_not_views_of_the_index():
    index = HammingIndex(2)
    ids = np.array([3, 4])
    index.add([[0, 0], [0, 0]], ids)
    ids[:] = 99
    index.bucket_sizes()[:] = 7
    index.search([[0, 0]], 2).ids[:] = 8
    assert index.search([[0, 0]], 2).ids.tolist() == [[3, 4]]
    assert index.bucket_sizes().tolist() == [2, 0, 0, 0]
    shared = index.search_radius([[0, 0], [0, 0]], 0)[0].ids
    with pytest.raises(ValueError, match="read-only"):
        shared[0] = 5


def _two_documents():
    index = HammingIndex(2)
    index.add([[0, 0], [1, 1]], ids=[3, 7])
    return index


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda index: index.add([[0, 1], [0, 1]], ids=[8, 7]),
            "expected ids that are new and distinct; got 7, which is in use already "
            "or given twice",
        ),
        (
            lambda index: index.add([[0, 1], [0, 1]], ids=[8, 8]),
            "expected ids that are new and distinct; got 8, which is in use already "
            "or given twice",
        ),
        (
            lambda index: index.add([[0, 1]], ids=[-1]),
            "expected ids from 0 to 9223372036854775806; got -1 at position 0",
        ),
        (
            lambda index: index.add([[0, 1]], ids=np.array([2**63], np.uint64)),
            "expected ids from 0 to 9223372036854775806; got 9223372036854775808 at "
            "position 0",
        ),
        (
            lambda index: index.add([[0, 1]], ids=[1.0]),
            "expected ids that are all integers or all strings; got 1.0 at position 0",
        ),
        (
            lambda index: index.add([[0, 1]], ids=5),
            "expected a list of ids; got int",
        ),
        (
            lambda index: index.add([[0, 1]], ids=[1, 2]),
            "expected an id for each of 1 codes; got 2",
        ),
        (
            lambda index: index.add([[0, 1, 1]]),
            "expected codes of 2 bits, as in the index; got 3",
        ),
        (
            lambda index: index.add([[0, 2]]),
            "expected codes of 0 and 1 only; got 2 in row 0, bit 1",
        ),
        (
            lambda index: index.add(np.array([[1]], np.uint8), packed=True),
            "expected packed codes of 2 bits to be padded with 0 at the end of the "
            "last byte; got a last byte of 1 in row 0",
        ),
        (
            lambda index: index.remove([3, 4]),
            "expected ids to remove that are in the index; got 4, which is not",
        ),
        (
            lambda index: index.remove([99]),
            "expected ids to remove that are in the index; got 99, which is not",
        ),
        (
            lambda index: index.search([[0, 1]], k=0),
            "expected k to be a whole number from 1 to 2147483647; got 0",
        ),
        (
            lambda index: index.search([[0, 1]], k=2.0),
            "expected k to be a whole number from 1 to 2147483647; got 2.0",
        ),
        (
            lambda index: index.search([0, 1]),
            "expected codes as a 2-D array [documents, bits] of 0 and 1; "
            "got an array of shape (2,)",
        ),
        (
            lambda index: index.search_radius([[0, 1]], -1),
            "expected radius to be a whole number from 0; got -1",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(action, message):
    index = _two_documents()
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        action(index)
    assert len(index) == 2
    assert index.search([[0, 0]], 3).ids.tolist() == [[3, 7, -1]]
    assert index.add([[0, 0]]).tolist() == [8]


@pytest.mark.parametrize(
    ("ids", "came"),
    [
        ([1, "2", 3], "expected ids that are all integers or all strings; got str at "),
        (
            ["1", 2, "3"],
            "expected ids that are all integers or all strings; got int at ",
        ),
        (np.array(["1", 2, 3], object), "expected ids that are all .*; got int at "),
        ([1, 2.0, 3], "expected ids that are all .*; got 2.0 at "),
        (np.array([1, 2.0, 3]), "expected ids that are all .*; got 1.0 at "),
        ([1, None, 3], "expected ids that are all .*; got None at "),
        ([5, True, 3], "expected ids that are all .*; got bool at "),
        (np.array([True, False, True]), "expected ids that are all .*; got bool at "),
        ([b"1", b"2", b"3"], "expected ids that are all .*; got bytes at "),
        ([1, 2**70, 3], "expected ids from 0 to .*; got 1180591620717411303424 at "),
        (["1", float("nan"), "3"], "expected ids that are all .*; got nan at "),
        ("123", "expected a list of ids; got a single str"),
        ({1, 2, 5}, "expected a list of ids; got set"),
        (np.array([[1, 2, 5]]), "expected a list of ids; got ndarray of shape"),
    ],
)
def test_ids_of_another_kind_are_refused(ids, came):
    index = _two_documents()
    for change in (index.add, index.update):
        with pytest.raises(InputError, match=f"^{came}"):
            change([[0, 0], [0, 1], [1, 1]], ids)
    with pytest.raises(InputError, match=f"^{came}"):
        index.remove(ids)
    assert index.search([[0, 0]], 3).ids.tolist() == [[3, 7, -1]]


@pytest.mark.parametrize(
    "ids",
    [
        (2**60 + 1, 5, 6),
        np.array([2**60 + 1, 5, 6], np.uint64),
        [np.int32(2**30), np.int64(5), 6],
        pd.Series([2**60 + 1, 5, 6], index=[9, 9, 9]),
        pa.array([2**60 + 1, 5, 6]),
        ["a", "b", "c"],
        np.array(["a", "b", "c"]),
        pd.Series(["a", "b", "c"]),
        iter(["a", "b", "c"]),
    ],
)
def test_ids_come_in_any_list(ids):
    given = list(ids.to_pylist() if isinstance(ids, pa.Array) else ids)
    index = HammingIndex(2)
    index.add([[0, 0], [0, 1], [1, 1]], given if isinstance(ids, Iterator) else ids)
    assert index.search([[0, 0]], 3).ids.tolist() == [given]


def test_numbers_that_are_none_are_refused():
    index = _two_documents()
    for k in (0, 1.5, "1", None, True, 99999999999, 10**30):
        with pytest.raises(InputError, match="^expected k to be a whole number from 1"):
            index.search([[0, 0]], k)
    for radius in (-1, 0.5, None, True):
        with pytest.raises(InputError, match="^expected radius to be a whole number"):
            index.search_radius([[0, 0]], radius)
    assert len(index.search_radius([[0, 0]], 10**30)[0].ids) == 2


@pytest.mark.parametrize(
    ("bits", "message"),
    [
        (257, "expected bits to be a whole number from 1 to 256; got 257"),
        (0, "expected bits to be a whole number from 1 to 256; got 0"),
        (8.0, "expected bits to be a whole number from 1 to 256; got 8.0"),
        ("8", "expected bits to be a whole number from 1 to 256; got '8'"),
    ],
)
def test_other_lengths_are_refused(bits, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        HammingIndex(bits)


def test_no_ids_left():
    index = HammingIndex(1)
    index.add([[0]], ids=[2**63 - 3])
    assert index.add([[1]]).tolist() == [2**63 - 2]
    with pytest.raises(InputError, match="ids up to 9223372036854775806 left"):
        index.add([[1]])
    assert index.search([[1]], 2).ids.tolist() == [[2**63 - 2, 2**63 - 3]]


@pytest.mark.parametrize("bits", [1, 8, 16])
def test_a_loaded_index_is_the_same(tmp_path, bits):
    rng = np.random.default_rng(bits)
    codes = rng.integers(0, 2, (400, bits))
    index = HammingIndex(bits)
    index.add(codes, rng.permutation(5000)[:400])
    index.add(codes[:1], ids=[9000])
    index.remove([9000])
    path = tmp_path / "documents.index"
    index.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["documents.index"]
    loaded = HammingIndex.load(path)
    assert loaded.bits == bits
    assert len(loaded) == 400
    np.testing.assert_array_equal(loaded.bucket_sizes(), index.bucket_sizes())
    expected = index.search(codes[:20], 25)
    result = loaded.search(codes[:20], 25)
    np.testing.assert_array_equal(result.ids, expected.ids)
    np.testing.assert_array_equal(result.distances, expected.distances)
    assert loaded.add(codes[:1]).tolist() == [9001]


def test_an_empty_index_is_saved_and_replaced(tmp_path):
    path = str(tmp_path / "codes")
    HammingIndex(4).save(path)
    assert len(HammingIndex.load(path)) == 0
    _two_documents().save(path)
    assert len(HammingIndex.load(path)) == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_save_leaves_the_former_file(tmp_path, monkeypatch):
    path = tmp_path / "codes"
    HammingIndex(4).save(path)

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        _two_documents().save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["codes"]
    assert HammingIndex.load(path).bits == 4


def test_where_no_file_can_be_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a file for the index; got the fold"):
        HammingIndex(4).save(tmp_path)
    with pytest.raises(InputError, match="whose folder does not exist"):
        HammingIndex(4).save(tmp_path / "missing" / "codes")
    with pytest.raises(InputError, match="which is none$"):
        HammingIndex.load(tmp_path / "codes")


@pytest.mark.parametrize("contents", [b"", b"hello", b"\x93NUMPY", b"PK\x03\x04rest"])
def test_other_files_are_refused(tmp_path, contents):
    path = tmp_path / "codes"
    path.write_bytes(contents)
    with pytest.raises(
        InputError,
        match="got '.*', which is of some other kind$",
    ):
        HammingIndex.load(path)


def test_truncated_files_are_refused(tmp_path):
    path = tmp_path / "codes"
    _two_documents().save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="^expected a wish_tf HammingIndex file;"):
            HammingIndex.load(path)


def test_a_file_with_any_byte_changed_is_refused(tmp_path):
    path = tmp_path / "codes"
    _two_documents().save(path)
    whole = path.read_bytes()
    assert len(whole) < 2000
    accepted = []
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        try:
            index = HammingIndex.load(path)
        except InputError:
            continue
        accepted.append(position)
        assert index.search([[0, 0]], 2).ids.tolist() == [[3, 7]]
    # Only the zeros that align arrays carry nothing.
    assert all(whole[position] == 0 for position in accepted)
    assert len(accepted) < 3 * 64


def test_it_can_be_copied_and_pickled():
    index = HammingIndex(4)
    index.add([[0, 1, 0, 1], [1, 1, 0, 0]], ids=["a", "b"])
    for other in (copy.deepcopy(index), pickle.loads(pickle.dumps(index))):
        other.remove(["a"])
        assert (len(other), len(index)) == (1, 2)
        assert other.search([[1, 1, 0, 0]], 1).ids.tolist() == [["b"]]


def test_only_an_index_is_merged():
    with pytest.raises(InputError, match="expected an index to merge with; got list"):
        HammingIndex(4).merge([1])
