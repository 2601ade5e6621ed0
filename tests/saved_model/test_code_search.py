import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from wish_tf import HammingIndex, InputError
from wish_tf.saved_model.code_scan import CodeScan
from wish_tf.saved_model.code_search import CodeSearch
from wish_tf.saved_model.posting_lists import PostingLists
from wish_tf.saved_model.search_documents import MOST_K


def in_graph(search: CodeSearch):
    return tf.function(
        search.nearest,
        input_signature=[
            tf.TensorSpec([None, search.bits], tf.int32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.bool),
        ],
    )


def brute_force(codes, queries, k, known, width):
    """Names and distances by sorting all distances; beyond its own k a row is empty."""
    distances = (queries[:, np.newaxis] != codes).sum(axis=2)
    order = np.argsort(distances, axis=1, kind="stable")[:, :width]
    names = np.char.add("é", order.astype(str)).astype(object)
    wanted = np.arange(order.shape[1]) < (k * known)[:, np.newaxis]
    distances = np.take_along_axis(distances, order, axis=1)
    return np.where(wanted, names, ""), np.where(wanted, distances, -1)


def check(codes, queries, k, known) -> CodeSearch:
    # As wide whatever is asked for.
    width = max(k, default=1) + 2
    search = CodeSearch(codes, [f"é{place}" for place in range(len(codes))], width)
    found = in_graph(search)(queries.astype(np.int32), k, known)
    ids, distances = brute_force(codes, queries, k, known, width)
    decoded = [[name.decode() for name in row] for row in found["ids"].numpy()]
    np.testing.assert_array_equal(found["distances"], distances)
    assert decoded == ids.tolist()
    return search


def make(bits: int, documents: int, queries: int, longest: int, seed: int = 0):
    """Skewed codes, half of the queries among them, and a k and a flag for each."""
    rng = np.random.default_rng(seed)
    share = rng.random(bits)
    codes = (rng.random((documents, bits)) < share).astype(np.uint8)
    asked = rng.integers(0, 2, (queries, bits)).astype(np.uint8)
    asked[::2] = codes[rng.integers(documents, size=len(asked[::2]))]
    k = rng.integers(0, longest + 1, queries).astype(np.int32)
    return codes, asked, k, rng.random(queries) < 0.9


@pytest.mark.parametrize(
    ("bits", "documents", "method"),
    [
        (1, 1, CodeScan),
        (1, 2, CodeScan),
        (1, 3, PostingLists),
        (4, 1000, PostingLists),
        (8, 257, PostingLists),
        (11, 5000, PostingLists),
        (16, 1000, CodeScan),
        (16, 66_000, PostingLists),
        (20, 64, CodeScan),
        (31, 65, CodeScan),
        (32, 3000, CodeScan),
        (33, 100, CodeScan),
        (64, 3000, CodeScan),
    ],
)
def test_it_is_the_same_as_sorting_all_distances(bits, documents, method):
    # More queries than are searched at once; up to more documents than there are.
    many = 10 if documents > 10_000 else 150
    for longest in (1, 10, MOST_K - 2):
        search = check(*make(bits, documents, many, longest))
        assert isinstance(search.method, method)


@given(st.integers(1, 12), st.integers(1, 200), st.integers(0, 40), st.integers(0, 99))
@settings(max_examples=8)
def test_any_codes(bits, documents, longest, seed):
    check(*make(bits, documents, 7, longest, seed))


@pytest.mark.parametrize("documents", [100, 1500])
def test_it_is_the_same_as_the_index(documents):
    codes, queries, _, _ = make(10, documents, 40, 20)
    search = CodeSearch(codes, [str(place) for place in range(documents)], 20)
    everything = np.full(40, 20, np.int32), np.ones(40, bool)
    found = in_graph(search)(queries.astype(np.int32), *everything)
    index = HammingIndex(10)
    index.add(codes)
    expected = index.search(queries, 20)
    np.testing.assert_array_equal(found["ids"].numpy().astype(int), expected.ids)
    np.testing.assert_array_equal(found["distances"], expected.distances)


@pytest.mark.parametrize("documents", [5, 50])
def test_no_queries_and_no_k_are_answered(documents):
    codes, queries, k, known = make(4, documents, 3, 5)
    nearest = in_graph(CodeSearch(codes, ["a"] * documents, 5))
    queries = queries.astype(np.int32)
    assert nearest(queries[:0], k[:0], known[:0])["ids"].shape == (0, 5)
    assert (
        nearest(queries, 0 * k, known)["distances"].numpy().tolist() == [[-1] * 5] * 3
    )


def test_codes_in_one_bucket_are_in_the_order_of_the_corpus():
    codes = np.zeros((3000, 8), np.uint8)
    search = check(
        codes,
        np.eye(8, dtype=np.uint8),
        np.full(8, MOST_K - 2, np.int32),
        np.ones(8, bool),
    )
    assert isinstance(search.method, PostingLists)


def test_what_are_no_documents_is_refused():
    with pytest.raises(InputError, match="got 1 names and 2 codes$"):
        CodeSearch(np.zeros((2, 8), np.uint8), ["a"], 10)
    with pytest.raises(InputError, match="got 0 names and 0 codes$"):
        CodeSearch(np.zeros((0, 8), np.uint8), [], 10)
    with pytest.raises(InputError, match="from 1 to 64; got 65"):
        CodeSearch(np.zeros((2, 65), np.uint8), ["a", "b"], 10)
