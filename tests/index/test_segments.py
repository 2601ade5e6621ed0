"""Segments: what a change leaves as it was, and that a search does not see them."""

import itertools

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.index import HammingIndex, documents


def _codes(count: int, bits: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, (count, bits))


def _sizes(index: HammingIndex) -> list[int]:
    return [len(segment) for segment in index.documents.segments]


def _same(index: HammingIndex, other: HammingIndex, queries: np.ndarray) -> None:
    for k in (1, 9, 2000):
        for one, two in zip(
            vars(index.search(queries, k)).values(),
            vars(other.search(queries, k)).values(),
            strict=True,
        ):
            np.testing.assert_array_equal(one, two)
    assert index.bucket_sizes().tolist() == other.bucket_sizes().tolist()


@pytest.mark.parametrize("strings", [False, True])
def test_each_has_four_times_the_documents_of_the_next(strings):
    rng = np.random.default_rng(0)
    codes, queries = _codes(1500), _codes(20, seed=1)
    names = [f"n{i:05}" if strings else i for i in rng.permutation(1500).tolist()]
    whole, parts = HammingIndex(8), HammingIndex(8)
    whole.add(codes, names)
    start = most = 0
    while start < 1500:
        end = start + int(rng.integers(1, 40))
        parts.add(codes[start:end], names[start:end])
        sizes = _sizes(parts)
        assert sum(sizes) == min(end, 1500)
        assert all(a >= 4 * b for a, b in itertools.pairwise(sizes))
        most, start = max(most, len(sizes)), end
    assert most > 2
    _same(parts, whole, queries)


def test_small_changes_leave_a_large_segment_where_it_is(monkeypatch):
    index = HammingIndex(8)
    index.add(_codes(1000))
    [large] = index.documents.segments
    index.add(_codes(10, seed=1))
    assert index.documents.segments[0] is large
    index.remove([3, 1001])
    index.update(_codes(2, seed=2), [4, 1002])
    kept, *others = index.documents.segments
    assert kept.table.ids is large.table.ids
    assert kept.table.removed.size == 2 and sum(map(len, others)) == 10
    assert not large.table.removed.size
    with pytest.raises(InputError, match="to remove that are in the index; got 3, "):
        index.remove([3])
    # With a quarter of it gone it is made anew.
    index.remove(np.arange(100, 400))
    assert index.documents.segments[0].table.ids.size == 698
    assert len(index) == 708


def test_what_is_removed_can_be_added_again(tmp_path):
    codes = _codes(200)
    index, fresh = HammingIndex(8), HammingIndex(8)
    index.add(codes[::-1])
    index.remove(range(10))
    index.add(codes[:10], range(10))
    index.update(codes[10:], range(10, 200))
    fresh.add(codes)
    _same(index, fresh, codes[:5])
    index.remove(range(200))
    assert len(index) == 0 and index.search(codes[:1], 2).ids.tolist() == [[-1, -1]]
    index.add(codes, [str(i) for i in range(200)])
    assert index.search(codes[:1], 1).distances.tolist() == [[0]]


def test_a_file_holds_one_segment_and_nothing_removed(tmp_path):
    index = HammingIndex(8)
    for seed in range(4):
        index.add(_codes(200 >> 3 * seed, seed=seed))
        index.search(_codes(1))
    index.remove([5, 50])
    assert len(index.documents.segments) > 1
    index.save(tmp_path / "x")
    loaded = HammingIndex.load(tmp_path / "x")
    [segment] = loaded.documents.segments
    assert len(segment) == segment.table.ids.size == len(index)
    _same(index, loaded, _codes(5))
    # What is mapped is changed like any other, and its file is not.
    loaded.remove([7])
    loaded.add(_codes(3))
    assert segment.table.ids is loaded.documents.segments[0].table.ids
    _same(HammingIndex.load(tmp_path / "x", verify=True), index, _codes(5))


def test_many_documents_do_not_wait(monkeypatch):
    monkeypatch.setattr(documents, "_WAITING", 50)
    index = HammingIndex(8)
    for _ in range(4):
        index.add(_codes(20))
        assert sum(len(ids) for _, ids in index._documents.waiting) < 50
    assert len(index._documents.segments) == 1 and len(index) == 80
