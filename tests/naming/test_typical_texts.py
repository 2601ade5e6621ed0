import numpy as np
import scipy.sparse
from sklearn.preprocessing import normalize

from wish_tf.naming import Topic, typical_texts

WORDS = ["oil", "opec", "tea", "the"]
ROWS = scipy.sparse.csr_array(
    normalize(
        [
            [1, 0, 0, 1],  # about oil, and other things
            [1, 1, 0, 0],  # about nothing else
            [1, 1, 0, 0],  # the same without the bit
            [1, 1, 1, 1],
            [0, 0, 1, 0],
        ]
    ).astype(np.float32)
)
CODES = np.array([[1, 0], [1, 0], [0, 0], [1, 0], [0, 0]])
TOPICS = (
    Topic("oil", ("oil", "opec"), (0.9, 0.8), 0.6, 1.0),
    Topic("tea", ("tea",), (0.9,), 0.0, 0.5),
)


def test_texts_that_hold_most_of_a_bits_words_and_few_others():
    assert typical_texts(ROWS, CODES, TOPICS, WORDS) == [[1, 3], []]
    assert typical_texts(ROWS, CODES, TOPICS, WORDS, count=1) == [[1], []]
