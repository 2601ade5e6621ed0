import numpy as np
from scipy.sparse import csr_matrix

from wish_tf.training.heavy_words import HeavyWords

ROWS = csr_matrix(np.array([[1, 0, 4, 3], [1, 0.5, 4, 0]], np.float32))


def test_the_heaviest_words_in_the_order_of_the_vocabulary():
    heavy = HeavyWords(ROWS, 2)
    assert heavy.numbers.tolist() == [2, 3]
    shares = np.array([8, 3]) / 13.5
    np.testing.assert_allclose(heavy.bias, np.log(shares), atol=5e-3)


def test_all_words_when_there_are_fewer():
    assert HeavyWords(ROWS, 10).numbers.tolist() == [0, 1, 2, 3]


def test_other_words_keep_their_frequency_and_have_no_topic():
    topics = HeavyWords(ROWS, 2).topics(
        np.array([[1.0, -1.0]], np.float32), np.array([5.0, 6.0], np.float32)
    )
    assert topics.words.tolist() == [[0, 0, 1, -1]]
    np.testing.assert_allclose(
        topics.bias, [np.log(2 / 13.5), np.log(0.5 / 13.5), 5, 6], atol=2e-2
    )
