import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.variants import relabelled
from wish_tf.metrics import precisions_at_k
from wish_tf.report.buckets import Buckets
from wish_tf.report.documents import Documents
from wish_tf.report.relevance import K, by_labels, by_neighbours
from wish_tf.report.retrieval import Retrieval

# Two bits, three buckets: 3 documents at 00, 2 at 01 and 1 at 11. A query at 00, for
# which 1, 2 and 1 of these are relevant.
BUCKETS = Buckets(
    np.array([0, 1, 3], np.uint64), np.array([3, 2, 1]), np.array([0, 0, 0, 1, 1, 2])
)
RELEVANT = scipy.sparse.csr_array(np.array([[1, 2, 1]]))


def one_query(code: int) -> Retrieval:
    queries = np.array([code], np.uint64)
    return Retrieval.of(queries, 2, BUCKETS, RELEVANT, np.zeros(1, int))


def test_a_query_worked_out_by_hand():
    found = one_query(0)
    assert found.found.tolist() == [[3, 2, 1]]
    assert found.relevant.tolist() == [[1, 2, 1]]
    assert found.documents == 6 and found.chance == pytest.approx(4 / 6)
    precisions = [found.precisions(k)[0] for k in range(1, 7)]
    # One of three at the nearest distance, then both of the next, then the last.
    expected = [1 / 3, 1 / 3, 1 / 3, 2 / 4, 3 / 5, 4 / 6]
    assert precisions == pytest.approx(expected)
    assert found.within(0) == pytest.approx((1 / 3, 1, 3))
    assert found.within(1) == pytest.approx((3 / 5, 1, 5))


def test_a_query_that_finds_nothing_near():
    found = one_query(2)
    assert found.within(0) == (None, 0, 0)
    precision, share, documents = found.within(1)
    assert (precision, share, documents) == pytest.approx((2 / 4, 1, 4))


def labelled(codes: np.ndarray, labels: list[tuple]) -> Documents:
    from wish_tf.corpora import Corpus
    from wish_tf.hashed_texts import HashedTexts

    n = len(codes)
    corpus = Corpus("planted", ["x"] * n, labels, [str(i) for i in range(n)])
    hashed = HashedTexts(codes.astype(np.float32), np.zeros(n, bool))
    return Documents("training", corpus, hashed, n)


@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_it_is_the_precision_of_the_project_at_every_k(bits, seed, n):
    rng = np.random.default_rng(seed)
    names = np.array(["a", "b", "c"])

    def drawn(size: int) -> Documents:
        codes = rng.integers(0, 2, (size, bits))
        # Several labels, one, or none.
        labels = [tuple(names[rng.random(3) < 0.4]) for _ in range(size)]
        return labelled(codes, labels)

    database, queries = drawn(n), drawn(5)
    found = by_labels(database, queries)
    for k in range(1, n + 1):
        expected = precisions_at_k(
            queries.codes, queries.corpus.labels, database.codes,
            database.corpus.labels, k,
        )  # fmt: skip
        assert found.precisions(k) == pytest.approx(expected)


def test_without_labels_the_nearest_by_tf_idf_are_relevant(source):
    unlabelled = relabelled(source, None)
    found = unlabelled.retrieval
    rows = [
        part.rows(source.hasher, np.flatnonzero(~part.hashed.out_of_vocabulary))
        for part in (source.test, source.train)
    ]
    known = [~part.hashed.out_of_vocabulary for part in (source.test, source.train)]
    similar = (rows[0] @ rows[1].T).toarray()
    nearest = [
        tuple(np.argsort(-own, kind="stable")[:K][np.sort(-own)[:K] < 0])
        for own in similar
    ]
    # Among equally similar documents either choice is right, so shares may differ a
    # little from those of another order.
    expected = precisions_at_k(
        source.test.codes[known[0]],
        nearest,
        source.train.codes[known[1]],
        [(i,) for i in range(similar.shape[1])],
        K,
    )
    assert found.precisions(K).mean() == pytest.approx(expected.mean(), abs=0.02)
    assert found.chance <= K / similar.shape[1] + 1e-9
    few = source.train.subset(np.arange(K - 1))
    assert by_neighbours(few, source.test, source.hasher) is None
