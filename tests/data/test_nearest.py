from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from wish_tf.data.nearest import nearest, nearest_graph
from wish_tf.errors import InputError


def test_nearest_rows_come_first_and_a_row_does_not_find_itself():
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    distances, numbers = nearest(points, points, 2, "sqeuclidean")
    np.testing.assert_array_equal(numbers, [[1, 2], [0, 2], [1, 0], [2, 1]])
    np.testing.assert_allclose(distances, [[1, 9], [1, 4], [4, 9], [16, 36]])


def test_rows_that_are_searched_for_may_be_among_those_found():
    points = np.array([[0.0], [1.0], [3.0]])
    distances, numbers = nearest(points[1:2].copy(), points, 2, "sqeuclidean")
    np.testing.assert_array_equal(numbers, [[1, 0]])
    np.testing.assert_allclose(distances, [[0, 1]])


def test_equal_rows_find_each_other():
    points = np.array([[0.0], [0.0], [5.0]])
    _, numbers = nearest(points, points, 1, "sqeuclidean")
    np.testing.assert_array_equal(numbers[:2], [[1], [0]])


def test_no_more_are_found_than_there_are():
    points = np.array([[0.0], [1.0], [3.0]])
    assert nearest(points, points, 9, "sqeuclidean")[1].shape == (3, 2)
    assert nearest(points[:1].copy(), points, 9, "sqeuclidean")[1].shape == (1, 3)


def test_a_single_row_has_no_neighbour():
    rows = sparse.csr_matrix([[1.0, 0.0]])
    message = (
        "expected at least 2 training texts with known words, to be each other's "
        "neighbours; got 1"
    )
    with pytest.raises(InputError, match=message):
        nearest_graph(rows, rows, 20)


def test_graph_joins_only_rows_that_share_a_word():
    rows = sparse.csr_matrix([[1.0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 2, 0]])
    graph = nearest_graph(rows, rows, 3)
    assert graph.dtype == np.float32
    np.testing.assert_array_equal(
        graph.toarray(), [[0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]
    )


def test_graph_takes_the_nearest_by_the_angle_not_by_length():
    rows = sparse.csr_matrix([[9.0, 9.0], [1.0, 0.9], [9.0, 4.0]])
    np.testing.assert_array_equal(
        nearest_graph(rows, rows, 1).toarray(), [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    )


def test_an_empty_row_has_no_neighbours():
    rows = sparse.csr_matrix([[1.0, 0], [1, 1]])
    others = sparse.csr_matrix([[0.0, 0], [0, 1]])
    np.testing.assert_array_equal(
        nearest_graph(others, rows, 2).toarray(), [[0, 0], [0, 1]]
    )


def test_the_hundred_nearest_by_cosine():
    # Row i has its word and a rest that shrinks the cosine with every query.
    angles = np.linspace(0, np.pi / 2, 300)
    rows = sparse.csr_array(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    queries = sparse.csr_array(np.eye(2))
    _, (first, second) = nearest(queries, rows, 100, "cosine")
    assert sorted(first) == list(range(100))
    assert sorted(second) == list(range(200, 300))
