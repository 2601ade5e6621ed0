from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from baselines.nbrreg import NbrReg, words_of_neighbours
from baselines.neighbour_baseline import NeighbourNetwork
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError

# Documents 1 and 2 share a word each with document 0, document 3 with none.
ROWS = sparse.csr_matrix(
    [
        [2.0, 3, 0, 0, 0],
        [4.0, 0, 5, 0, 0],
        [0.0, 6, 0, 7, 0],
        [0.0, 0, 0, 0, 8],
    ]
)
UNIONS = [
    [1, 1, 1, 1, 0],
    [1, 1, 0, 0, 0],
    [1, 1, 0, 0, 0],
    [0, 0, 0, 0, 0],
]


def test_neighbours_words_are_their_union_without_the_document_itself():
    targets = NbrReg(2)._neighbourhoods(ROWS, ROWS)
    np.testing.assert_array_equal(targets.toarray(), UNIONS)


def test_validation_rows_have_the_words_of_training_rows():
    others = sparse.csr_matrix([[0.1, 0, 0, 0, 0], [0.0, 0, 0, 0, 0]])
    targets = NbrReg(2)._neighbourhoods(others, ROWS)
    np.testing.assert_array_equal(targets.toarray(), [[1, 1, 1, 0, 0], [0] * 5])


def test_a_word_of_two_neighbours_counts_once():
    graph = sparse.csr_matrix([[0.0, 1, 1]])
    words = sparse.csr_matrix([[1.0, 0], [0.5, 0], [0.5, 2]])
    np.testing.assert_array_equal(words_of_neighbours(graph, words).toarray(), [[1, 1]])
    assert words.sum() == 4  # left as it was


def test_both_decoders_count_the_same():
    targets = sparse.csr_matrix(np.array(UNIONS, np.float32))
    network = NeighbourNetwork(2, ROWS, 10, targets)
    for decoder in (network.decoder, network.second_decoder):
        decoder.words.assign(np.zeros((2, 5)))
    for x, y in csr_dataset(ROWS, 4, targets=targets):
        likelihood = network.log_likelihood(np.zeros((4, 2), np.float32), x, y)
    # Shares: of the 7 words in documents 2 2 1 1 1; of the 8 in unions 3 3 1 1 and,
    # for the word that is in none, a hundredth of the rarest.
    own = np.log(np.array([2, 2, 1, 1, 1]) / 7)
    near = np.log(np.array([3, 3, 1, 1, 0.01]) / 8.01)
    expected = [
        own[[0, 1]].sum() + near[:4].sum(),
        own[[0, 2]].sum() + near[:2].sum(),
        own[[1, 3]].sum() + near[:2].sum(),
        own[4],
    ]
    np.testing.assert_allclose(likelihood, expected, rtol=1e-5)


def test_one_text_has_no_neighbours():
    with pytest.raises(InputError, match="expected at least 2 training texts"):
        NbrReg(2).fit(ROWS[:1])
