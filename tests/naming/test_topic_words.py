import numpy as np
import scipy.sparse

from wish_tf.naming import NamingSettings, topic_words

ALL = NamingSettings(words=3, most_share=1.0)
# Texts 0 to 2 have bit 0, texts 2 to 4 bit 1.
CODES = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [0, 0]])
ROWS = scipy.sparse.csr_matrix(
    np.array(
        [
            [1, 9, 0, 0, 1],
            [1, 0, 0, 0, 1],
            [1, 0, 1, 0, 0],
            [0, 0, 1, 1, 1],
            [0, 0, 1, 1, 0],
            [0, 9, 0, 0, 0],
        ],
        np.float32,
    )
)


def test_a_word_belongs_to_the_bit_that_it_tells_most_about():
    found = topic_words(ROWS, CODES, settings=ALL)
    # Word 0 is in all texts with bit 0 and in no other, word 4 in two of three and in
    # one of three; word 1 is heavy, but as likely with the bit as without.
    np.testing.assert_array_equal(found.numbers, [[0, 4, -1], [2, 3, -1]])
    np.testing.assert_allclose(found.tells, [[1, 1 / 3, 0], [1, 2 / 3, 0]])


def test_a_bit_that_tells_no_texts_apart_has_no_words():
    codes = np.concatenate([CODES, np.ones((6, 1), int), np.zeros((6, 1), int)], axis=1)
    found = topic_words(ROWS, codes, settings=ALL)
    assert (found.numbers[2:] == -1).all() and (found.tells[2:] == 0).all()
    np.testing.assert_array_equal(found.numbers[0], [0, 4, -1])


def test_clusters_of_ones_own_say_which_words_there_are():
    # As one cluster no word tells anything about it.
    settings = NamingSettings(words=3, most_share=1.0, candidates=1)
    one = topic_words(ROWS, np.ones((6, 1), int), np.zeros(6, int), settings)
    assert (one.numbers == -1).all()
    each = topic_words(ROWS, CODES, np.arange(6), settings)
    assert set(each.numbers[each.numbers >= 0]) <= {0, 1, 2, 3, 4}


def test_no_words_no_names():
    nothing = scipy.sparse.csr_matrix((6, 5), dtype=np.float32)
    assert (topic_words(nothing, CODES).numbers == -1).all()
