from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wish_tf.codes import code_strings
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index import HammingIndex
from wish_tf.index.document_index import DocumentIndex
from wish_tf.server.page import page_index
from wish_tf.server.page.page_index import PageIndex


def write_index(
    path: Path, codes: np.ndarray, known: np.ndarray | None = None
) -> PageIndex:
    """An index of documents "text 0", "text 1", ... with the given codes."""
    count = len(codes)
    unknown = np.zeros(count, bool) if known is None else ~known
    hashed = HashedTexts(codes.astype(np.float32), unknown)
    names, texts = ([f"{what} {i}" for i in range(count)] for what in ("name", "text"))
    DocumentIndex(hashed, names, texts, "model").save(path)
    return PageIndex(path)


def drawn(bits: int, count: int) -> np.ndarray:
    """Codes of which many are equal and near."""
    rng = np.random.default_rng(bits)
    centres = rng.integers(0, 2, (5, bits))
    noise = rng.random((count, bits)) < 0.7 / bits
    return (centres[rng.integers(0, 5, count)] ^ noise).astype(np.uint8)


@pytest.mark.parametrize("bits", [1, 3, 20, 70])
def test_neighbours_are_those_of_a_comparison_with_all(tmp_path: Path, bits: int):
    codes = drawn(bits, 200)
    known = np.arange(200) % 9 != 0
    index = write_index(tmp_path / "i", codes, known)
    assert (index.documents, index.left_out) == (known.sum(), 200 - known.sum())
    for query in (codes[1], 1 - codes[1]):
        away = (codes != query).sum(axis=1)
        found = index.neighbours(query)
        expected = np.bincount(away[known], minlength=bits + 1).tolist()
        assert found["spectrum"] == expected
        nearest = sorted(set(away[known].tolist()))[: page_index.NEAREST]
        assert [group["distance"] for group in found["groups"]] == nearest
        for group in found["groups"]:
            members = np.flatnonzero(known & (away == group["distance"]))
            assert group["documents"] == len(members)
            shown = members[: page_index.DOCUMENTS_OF_EACH].tolist()
            assert [hit["id"] for hit in group["hits"]] == [f"name {i}" for i in shown]
            assert [hit["text"] for hit in group["hits"]] == [
                f"text {i}" for i in shown
            ]
            assert [hit["code"] for hit in group["hits"]] == code_strings(codes[shown])


def test_neighbours_agree_with_the_index(tmp_path: Path):
    codes = drawn(8, 300)
    index, hamming = write_index(tmp_path / "i", codes), HammingIndex(8)
    hamming.add(codes)
    for query in codes[:20]:
        [first] = index.neighbours(query)["groups"][:1]
        found = hamming.search(query[None], page_index.DOCUMENTS_OF_EACH)
        near = found.ids[0][found.distances[0] == first["distance"]].tolist()
        assert [hit["id"] for hit in first["hits"]] == [f"name {i}" for i in near]


@pytest.mark.parametrize("bits", [4, 70])
def test_buckets_and_their_pages_hold_every_document_once(tmp_path: Path, bits: int):
    codes = drawn(bits, 150)
    index = write_index(tmp_path / "i", codes)
    buckets, start = [], 0
    while part := index.buckets(start)["buckets"]:
        buckets += part
        start += len(part)
    sizes = [bucket["documents"] for bucket in buckets]
    assert index.buckets(0)["total"] == len(buckets) == len(np.unique(codes, axis=0))
    assert sizes == sorted(sizes, reverse=True) and sum(sizes) == 150
    names = []
    for bucket in buckets:
        code = np.array([int(bit) for bit in bucket["code"]], np.uint8)
        place = 0
        while hits := index.bucket(code, place)["hits"]:
            assert index.bucket(code, place)["documents"] == bucket["documents"]
            assert {hit["code"] for hit in hits} == {bucket["code"]}
            names += [hit["id"] for hit in hits]
            place += len(hits)
        assert place == bucket["documents"]
    assert sorted(names) == sorted(f"name {i}" for i in range(150))


def test_an_empty_bucket_and_a_page_behind_the_last(tmp_path: Path):
    index = write_index(tmp_path / "i", np.zeros((3, 4), np.uint8))
    empty = index.bucket(np.ones(4, np.uint8), 0)
    assert (empty["documents"], empty["hits"]) == (0, [])
    assert index.bucket(np.zeros(4, np.uint8), 2**31)["hits"] == []
    assert index.buckets(2**31)["buckets"] == []


def test_an_index_without_documents(tmp_path: Path):
    codes = np.zeros((2, 4), np.uint8)
    index = write_index(tmp_path / "i", codes, known=np.zeros(2, bool))
    assert (index.documents, index.left_out, index.use) == (0, 2, None)
    assert index.neighbours(codes[0]) == {"spectrum": [0] * 5, "groups": []}
    assert index.buckets(0)["buckets"] == []
    assert index.fits(lambda texts: pytest.fail("there is nothing to hash"))


def test_use_of_the_codes(tmp_path: Path):
    codes = np.array([[0, 1], [0, 1], [0, 0], [0, 1]], np.uint8)
    use = write_index(tmp_path / "i", codes).use
    assert (use.documents, use.distinct_codes, use.largest) == (4, 2, 3)
    assert use.shares == (0.0, 0.75) and use.bit_entropy[0] == 0
    assert use.source == "the documents of i"


def test_long_texts_are_cut(tmp_path: Path):
    texts = ["a" * page_index.TEXT, "b" * (page_index.TEXT + 1)]
    hashed = HashedTexts(np.zeros((2, 3), np.float32), np.zeros(2, bool))
    DocumentIndex(hashed, ["x", "y"], texts, "model").save(tmp_path / "i")
    hits = PageIndex(tmp_path / "i").bucket(np.zeros(3, np.uint8), 0)["hits"]
    assert [(len(hit["text"]), hit["cut"]) for hit in hits] == [
        (page_index.TEXT, False),
        (page_index.TEXT, True),
    ]


def test_a_file_that_is_no_index(tmp_path: Path):
    (tmp_path / "i").write_text("nothing")
    with pytest.raises(InputError, match="^expected a wish_tf DocumentIndex file"):
        PageIndex(tmp_path / "i")
