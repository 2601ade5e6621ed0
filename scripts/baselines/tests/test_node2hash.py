from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from baselines.node2hash import Node2hash, walks
from baselines.tests.rows import random_rows
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError


def breadth_first(neighbours: np.ndarray, start: int, nodes: int) -> set[int]:
    visited, queue = [], [start]
    while queue and len(visited) < nodes:
        node = queue.pop(0)
        if node not in visited:
            visited.append(node)
            queue += list(neighbours[node])
    return set(visited)


def test_targets_are_what_a_breadth_first_walk_visits():
    rows = random_rows(60)
    unit = rows.toarray() / np.linalg.norm(rows.toarray(), axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -1)
    neighbours = np.argsort(-cosine, axis=1)[:, :20]
    found = Node2hash(2)._neighbourhoods(rows, rows)
    for start in range(60):
        expected = breadth_first(neighbours, start, 20)
        assert len(expected) == 20
        assert set(found[start].indices) == expected
    np.testing.assert_array_equal(found.data, np.ones(60 * 20))


def test_a_walk_on_four_documents():
    rows = sparse.csr_matrix(
        [[1.0, 0, 0], [0.9, 0.1, 0], [0.5, 0.5, 0], [0, 0.1, 0.9]], dtype=np.float32
    )
    np.testing.assert_array_equal(
        walks(rows, rows, 2).toarray(),
        [[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]],
    )


def test_validation_rows_visit_training_rows_only():
    rows = sparse.csr_matrix([[1.0, 0, 0], [0.5, 0.5, 0], [0, 0, 1]], dtype=np.float32)
    others = sparse.csr_matrix([[1.0, 0, 0], [0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(
        Node2hash(2)._neighbourhoods(others, rows).toarray(), [[1, 1, 0], [0, 0, 0]]
    )


def test_second_decoder_is_over_the_training_documents_and_all_follows_the_seed():
    rows = random_rows(30)
    first, again = (Node2hash(3, seed=5, epochs=1).fit(rows) for _ in range(2))
    assert first.network.second_decoder.words.shape == (3, 30)
    (x,) = csr_dataset(rows, 30)
    np.testing.assert_array_equal(first.network(x)[0], again.network(x)[0])
    decoders = [hasher.network.second_decoder.words for hasher in (first, again)]
    np.testing.assert_array_equal(*decoders)


def test_one_text_has_no_neighbours():
    with pytest.raises(InputError, match="expected at least 2 training texts"):
        Node2hash(2).fit(random_rows(1))
