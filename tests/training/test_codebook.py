import numpy as np
import pytest
import scipy.sparse

from tests.training.planted import planted_rows, purity
from wish_tf.training.codebook import Codebook


def places(groups: np.ndarray) -> np.ndarray:
    """Points of length 1 that are near one of four corners."""
    rng = np.random.default_rng(0)
    points = np.eye(4)[groups] + rng.normal(0, 0.05, (len(groups), 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32)


def test_texts_get_the_code_of_their_cluster():
    rows, groups = planted_rows(800)
    book = Codebook(rows, places(groups), 2, 150)
    assert purity(book.codes[book.clusters], groups) == 1.0
    targets = book.targets(places(groups))
    assert targets.shape == (800, 2) and targets.dtype == np.float32
    np.testing.assert_allclose(targets, book.codes[book.clusters], atol=0.01)


def test_a_place_between_clusters_is_undecided():
    rows, groups = planted_rows(800)
    book = Codebook(rows, places(groups), 2, 150)
    one, _ = np.flatnonzero(
        np.abs(book.codes.astype(int) - book.codes[0]).sum(axis=1) == 1
    )
    centres = book._centres
    between = (centres[0] + centres[one]) / np.linalg.norm(centres[0] + centres[one])
    [target] = book.targets(between[None].astype(np.float32))
    differs = book.codes[0] != book.codes[one]
    np.testing.assert_allclose(target[differs], 0.5, atol=0.02)
    np.testing.assert_allclose(target[~differs], book.codes[0][~differs], atol=0.02)


@pytest.mark.parametrize(
    ("n", "bits", "clusters"), [(100, 6, 12), (800, 6, 16), (800, 3, 8), (3000, 6, 20)]
)
def test_number_of_clusters(n, bits, clusters):
    rows, _ = planted_rows(n)
    points = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    book = Codebook(rows, points, bits, 150)
    assert len(book.codes) == clusters == len(np.unique(book.codes, axis=0))


def test_texts_that_are_all_the_same_make_one_cluster():
    rows = scipy.sparse.csr_matrix(np.full((400, 6), 6**-0.5, np.float32))
    points = np.tile(np.float32([[1, 0]]), (400, 1))
    book = Codebook(rows, points, 3, 150)
    assert book.codes.shape == (1, 3) and set(book.clusters) == {0}
    np.testing.assert_array_equal(book.targets(points[:2]), np.repeat(book.codes, 2, 0))
