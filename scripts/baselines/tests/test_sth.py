import numpy as np
import pytest
from scipy.sparse import csr_matrix

from baselines.sth import STH, laplacian_vectors, neighbour_graph
from wish_tf.errors import InputError


def two_cliques(size=5):
    """Two cliques of unit edges, joined by one weak edge."""
    graph = np.kron(np.eye(2), np.ones((size, size))) - np.eye(2 * size)
    graph[size - 1, size] = graph[size, size - 1] = 0.1
    return csr_matrix(graph)


def test_the_smoothest_function_tells_the_cliques_apart():
    vector = laplacian_vectors(two_cliques(), 1)[:, 0]
    assert len(set(np.sign(vector[:5]))) == 1
    assert np.sign(vector[0]) == -np.sign(vector[5])


def test_functions_solve_the_problem_of_the_laplacian():
    # A path of three nodes: L y = v D y has the values 0, 1 and 2, and for 1 the
    # function 1, 0, -1.
    path = csr_matrix(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], float))
    vector = laplacian_vectors(path, 1)[:, 0]
    np.testing.assert_allclose(vector / vector[0], [1, 0, -1], atol=1e-9)


def test_the_graph_is_symmetric_and_weighs_cosines():
    rows = csr_matrix(
        np.array([[1, 0, 0], [0.6, 0.8, 0], [0.8, 0.6, 0], [0, 0, 1]], np.float32)
    )
    graph = neighbour_graph(rows, 1).toarray()
    # 0 and 1 both choose 2, by .8 and .96; 3 shares no word with anybody.
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[2, 0] = 0.8
    expected[1, 2] = expected[2, 1] = 0.96
    np.testing.assert_allclose(graph, expected, atol=1e-6)


def clusters(sizes=(20, 20), seed=0):
    """Texts of two subjects; with 25 neighbours each, those of both are joined."""
    rng = np.random.default_rng(seed)
    rows = rng.random((sum(sizes), 12)) * 0.2
    start = 0
    for i, size in enumerate(sizes):
        rows[start : start + size, 4 * i : 4 * i + 4] += rng.random((size, 4)) + 0.5
        start += size
    return csr_matrix(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def test_half_of_the_training_texts_have_each_bit():
    codes = STH(2).fit_transform(clusters())
    assert codes.mean(axis=0).tolist() == [0.5, 0.5]
    assert len(set(codes[:20, 0])) == 1


def test_a_text_apart_gets_its_code_from_the_classifiers():
    # The last text has a word of its own only.
    together = clusters().toarray()
    rows = np.zeros((41, 13))
    rows[:40, :12] = together
    rows[40, 12] = 1
    hasher = STH(2)
    codes = hasher.fit_transform(csr_matrix(rows))
    np.testing.assert_array_equal(codes[40:], hasher.transform(csr_matrix(rows[40:])))


def test_too_few_texts():
    with pytest.raises(InputError, match=r"more than 9 training texts .* got 6"):
        STH(8).fit(clusters((3, 3)))
