import numpy as np

from tests.training.planted import planted_rows
from wish_tf.training.cluster_codes import cluster_codes


def test_as_many_clusters_as_codes_get_all_of_them():
    rows, groups = planted_rows()
    codes = cluster_codes(rows, groups, 2)
    assert codes.dtype == np.uint8
    assert {tuple(code) for code in codes} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_like_clusters_get_near_codes():
    # Each group in two halves that differ by chance alone.
    rows, groups = planted_rows(800)
    halves = 2 * groups + np.arange(800) % 2
    codes = cluster_codes(rows, halves, 6).astype(int)
    assert len(np.unique(codes, axis=0)) == 8
    apart = np.abs(codes[:, None] - codes).sum(axis=2)
    own = apart[np.arange(8), np.arange(8) ^ 1]
    others = apart[np.arange(8)[:, None] // 2 != np.arange(8) // 2]
    assert own.max() < others.min()
