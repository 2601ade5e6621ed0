import numpy as np
import pytest

from wish_tf.training.cells import balanced_cells


@pytest.mark.parametrize(
    ("n", "most"), [(1, 32), (32, 32), (33, 32), (1000, 32), (7, 1)]
)
def test_cells_are_as_few_as_can_be_and_equally_large(n, most):
    points = np.random.default_rng(0).normal(size=(n, 6))
    sizes = np.bincount(balanced_cells(points, most))
    assert len(sizes) == -(-n // most)
    assert sizes.max() <= most and sizes.max() - sizes.min() <= 1


def test_neighbours_are_in_one_cell():
    groups = np.repeat(np.arange(4), 10)
    points = np.eye(4)[groups] + np.random.default_rng(0).normal(0, 0.05, (40, 4))
    cells = balanced_cells(points, 10)
    assert len({(a, b) for a, b in zip(groups, cells, strict=True)}) == 4


def test_equal_points_are_divided_all_the_same():
    assert np.bincount(balanced_cells(np.ones((9, 3)), 4)).tolist() == [3, 3, 3]
