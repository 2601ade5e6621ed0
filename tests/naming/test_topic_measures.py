import numpy as np
import pytest
from scipy.sparse import csr_array

from wish_tf.errors import InputError
from wish_tf.metrics import topic_coherence, topic_measures

ROWS = csr_array([[2, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0]])


def test_worked_out_by_hand():
    # Of words 0 and 1 the texts have 2, 1, 0 and 1; of 2 and 3 they have 0, 0, 2, 1.
    codes = np.array([[1, 0], [1, 0], [0, 1], [0, 0]])
    found = topic_measures(np.array([[0, 1], [2, 3]]), codes, ROWS)
    # Pairs of a text with the bit and one without: 2 > 0, 2 > 1, 1 > 0, 1 = 1.
    # And 2 > 0, 2 > 0, 2 > 1.
    assert found.fidelity == pytest.approx([3.5 / 4, 1])
    assert found.share_on.tolist() == [0.5, 0.25]
    # (0 - 1/2 * 1/4) / sqrt(1/4 * 3/16)
    assert found.correlation == pytest.approx(0.125 / (3 / 64) ** 0.5)
    # Word 0 in 1/2, 1 in 1/2, both in 1/4: 0. Word 2 in 1/2, 3 in 1/4, both in 1/4:
    # log 2 / log 4.
    assert found.coherence == pytest.approx([0, 0.5])
    assert found.diversity == 1
    assert found.readability == pytest.approx(0.25)


def test_words_that_are_shown_twice_or_not_at_all_make_less_of_it():
    codes = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    words = np.array([[2, 3, -1], [3, 2, 0]])
    found = topic_measures(words, codes, ROWS)
    assert found.diversity == 3 / 6
    # The second has (3, 2) at 1/2, and (3, 0) and (2, 0) never meet.
    assert found.coherence == pytest.approx([0.5, -0.5])
    assert found.coherence.tolist() == topic_coherence(words, ROWS).tolist()


def test_bits_that_do_not_tell_texts_apart():
    codes = np.array([[0, 1], [0, 1], [0, 1], [0, 0]])
    found = topic_measures(np.array([[0, -1], [-1, -1]]), codes, ROWS)
    assert found.fidelity.tolist() == [0.5, 0.5]
    assert found.coherence.tolist() == [0, 0]
    assert found.correlation == 0


def test_a_bit_and_its_opposite_are_the_same():
    codes = np.array([[0, 1, 1], [0, 1, 0], [1, 0, 0], [1, 0, 0]])
    words = np.array([[0, 1]] * 3)
    assert topic_measures(words, codes, ROWS).correlation == pytest.approx(1)


# Words 0 and 1 are always together, 2 never with them, 3 is everywhere, and 4 is in
# half of the texts with word 0 and half of those without.
TOGETHER = csr_array(
    [[0.5, 0.1, 0, 1, 1], [0.2, 0.9, 0, 1, 0], [0, 0, 2, 1, 1], [0, 0, 3, 1, 0]]
)


@pytest.mark.parametrize(
    ("words", "rows", "expected"),
    [
        ([[0, 1], [0, 2], [0, 4], [0, 3]], TOGETHER, [1, -1, 0, 0]),
        # The mean over pairs: (0, 1) is 1, (0, 2) and (1, 2) are -1.
        ([[0, 1, 2]], TOGETHER, [-1 / 3]),
        # Words that are everywhere agree.
        ([[0, 1]], csr_array(np.ones((3, 2))), [1]),
        # p = 1/2, q = 1/4, together in 1/4: log(1/4 / 1/8) / -log(1/4) = 1/2.
        ([[0, 1]], csr_array([[1, 1], [1, 0], [0, 0], [0, 0]]), [0.5]),
    ],
)
def test_coherence_by_hand(words, rows, expected):
    np.testing.assert_allclose(topic_coherence(words, rows), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([[0]], r"each; got int64 of shape \(1, 1\)$"),
        ([[0, 99]], "^expected word numbers from 0 to 4; got 99$"),
        ([[0, -2]], "^expected word numbers from 0 to 4; got -2$"),
    ],
)
def test_words_that_are_no_topic_are_refused(words, message):
    with pytest.raises(InputError, match=message):
        topic_coherence(words, TOGETHER)
