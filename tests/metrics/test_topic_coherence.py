import numpy as np
import pytest
from scipy.sparse import csr_matrix

from wish_tf.errors import InputError
from wish_tf.metrics import topic_coherence

# Words 0 and 1 are always together, 2 never with them, 3 is everywhere, and 4 is in
# half of the texts with word 0 and half of those without.
ROWS = csr_matrix(
    np.array(
        [
            [0.5, 0.1, 0, 1, 1],
            [0.2, 0.9, 0, 1, 0],
            [0, 0, 2, 1, 1],
            [0, 0, 3, 1, 0],
        ]
    )
)


def test_words_of_one_mind_apart_and_independent():
    pairs = [[0, 1], [0, 2], [0, 4], [0, 3]]
    np.testing.assert_allclose(topic_coherence(pairs, ROWS), [1, -1, 0, 0], atol=1e-12)


def test_words_that_are_everywhere_agree():
    everywhere = csr_matrix(np.ones((3, 2)))
    assert topic_coherence([[0, 1]], everywhere) == [1]


def test_it_is_the_mean_over_pairs():
    # (0, 1) is 1, (0, 2) and (1, 2) are -1.
    assert topic_coherence([[0, 1, 2]], ROWS)[0] == pytest.approx(-1 / 3)


def test_partly_shared_words_by_hand():
    # p = 1/2, q = 1/4, together in 1/4: log(1/4 / 1/8) / -log(1/4) = 1/2.
    rows = csr_matrix(np.array([[1, 1], [1, 0], [0, 0], [0, 0]]))
    assert topic_coherence([[0, 1]], rows)[0] == pytest.approx(0.5)


def test_one_word_is_no_topic():
    with pytest.raises(InputError, match=r"each; got int64 of shape \(1, 1\)$"):
        topic_coherence([[0]], ROWS)


def test_a_word_without_a_column_is_refused():
    for words in ([[0, 99]], [[0, -2]]):
        with pytest.raises(
            InputError, match="^expected word numbers from 0 to .*; got"
        ):
            topic_coherence(words, ROWS)
