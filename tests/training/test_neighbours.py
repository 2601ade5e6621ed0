import numpy as np
import pytest
import scipy.sparse

from wish_tf.training.neighbours import neighbour_weights


def test_documents_of_one_topic_are_neighbours_though_they_share_no_word():
    # The words 0-4 go together, and so do 5-9; documents hold two of them.
    rng = np.random.default_rng(0)
    rows = np.zeros((60, 10), np.float32)
    for i, row in enumerate(rows):
        row[rng.choice(5, 2, replace=False) + 5 * (i % 2)] = 0.5**0.5
    weights = neighbour_weights(scipy.sparse.csr_matrix(rows), 10)
    assert weights.dtype == np.float32 and weights.shape == (60, 60)
    dense = weights.toarray()
    # All of the space is explained: .2 for itself, .08 for each of 10 others.
    np.testing.assert_allclose(np.diag(dense), 0.2, rtol=1e-6)
    np.fill_diagonal(dense, 0)
    assert ((dense > 0).sum(axis=1) == 10).all()
    assert dense[dense > 0] == pytest.approx(0.08)
    document, neighbour = dense.nonzero()
    assert (document % 2 == neighbour % 2).all()


def test_weights_follow_what_the_space_explains():
    # 100 dimensions explain 100 of 400 documents that share no word, a quarter:
    # two thirds of the way from .15 to .30, so the neighbours' weight is .8 x 2/3.
    rows = scipy.sparse.identity(400, np.float32, format="csr")
    own = neighbour_weights(rows, 10).diagonal()
    # Documents outside of the space have no direction, so any neighbours.
    np.testing.assert_allclose(own, 1 - 0.8 * 2 / 3, atol=1e-4)
    rows = scipy.sparse.identity(800, np.float32, format="csr")
    assert neighbour_weights(rows, 10) is None


def test_fewer_documents_than_neighbours():
    weights = neighbour_weights(
        scipy.sparse.csr_matrix(np.eye(4, 6, dtype=np.float32)), 20
    )
    assert (np.diff(weights.indptr) == 4).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
