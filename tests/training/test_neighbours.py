import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf.training.neighbours import Neighbours

NEAREST = np.array([[1, 2], [0, 2], [0, 1], [0, 2]])


def test_mixed_by_hand():
    values = np.array([[1.0], [2.0], [6.0], [10.0]], np.float32)
    # A quarter of its own, three quarters of the mean of its neighbours.
    expected = [[0.25 + 3], [0.5 + 2.625], [1.5 + 1.125], [2.5 + 2.625]]
    np.testing.assert_allclose(Neighbours(NEAREST, 0.25).mixed(values), expected)


def test_spread_is_the_transpose_of_mixed():
    neighbours = Neighbours(NEAREST, 0.25)
    rng = np.random.default_rng(0)
    all_values = rng.normal(size=(4, 3)).astype(np.float32)
    batch = np.array([3, 1])
    values = rng.normal(size=(2, 3)).astype(np.float32)
    there = tf.gather(neighbours.mixed(all_values), batch).numpy()
    back = neighbours.spread(tf.constant(values), tf.constant(batch)).numpy()
    np.testing.assert_allclose(
        (there * values).sum(), (all_values * back).sum(), rtol=1e-5
    )


def test_documents_of_one_topic_are_neighbours_though_they_share_no_word():
    # The words 0-4 go together, and so do 5-9; documents hold two of them.
    rng = np.random.default_rng(0)
    rows = np.zeros((60, 10), np.float32)
    for i, row in enumerate(rows):
        row[rng.choice(5, 2, replace=False) + 5 * (i % 2)] = 0.5**0.5
    neighbours = Neighbours.by_lsa(scipy.sparse.csr_matrix(rows), 10)
    found = neighbours.nearest
    assert neighbours.own == pytest.approx(0.2)
    assert found.shape == (60, 10)
    assert not (found == np.arange(60)[:, None]).any()
    assert (found % 2 == np.arange(60)[:, None] % 2).all()


def test_fewer_documents_than_neighbours():
    rows = scipy.sparse.csr_matrix(np.eye(4, 6, dtype=np.float32))
    assert Neighbours.by_lsa(rows, 20).nearest.shape == (4, 3)


def test_documents_that_share_no_words_have_no_neighbours():
    # 100 dimensions explain an eighth of 800 documents of a word each.
    rows = scipy.sparse.identity(800, np.float32, format="csr")
    assert Neighbours.by_lsa(rows, 10) is None
