import numpy as np
import pytest
import scipy.sparse

from wish_tf.naming import NamingSettings, NamingWords

# Word 0 is cluster 0's, word 1 cluster 1's, word 2 both's and word 3 in one text.
ROWS = scipy.sparse.csr_matrix(
    np.array(
        [[2, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 1], [0, 3, 1, 0], [0, 1, 0, 0]],
        np.float32,
    )
)
CLUSTERS = np.array([0, 0, 0, 1, 1])
ALL = NamingSettings(most_share=1.0)


def test_words_are_counted_by_presence():
    words = NamingWords(ROWS, CLUSTERS, ALL)
    np.testing.assert_array_equal(words.numbers, [0, 1, 2])
    np.testing.assert_array_equal(words.counts, [[3, 0, 1], [0, 2, 1]])
    np.testing.assert_array_equal(words.sizes, [3, 2])


def test_what_words_tell_is_how_much_likelier_they_are_with_the_bit():
    words = NamingWords(ROWS, CLUSTERS, ALL)
    expected = [[1, -1, 1 / 3 - 1 / 2], [-1, -1, -1], [-1, -1, -1]]
    found = words.telling(np.array([[1, 1, 0], [0, 1, 0]]))
    np.testing.assert_allclose(found, expected)


def test_coherence_is_npmi():
    words = NamingWords(ROWS, CLUSTERS, ALL)
    # Words 0 and 2 are in 3 and 2 of 5 texts, and in one together; 0 and 1 in none.
    npmi = np.log(0.2 / (0.6 * 0.4)) / -np.log(0.2)
    expected = [[0, -1, npmi], [-1, 0, np.log(0.2 / 0.16) / -np.log(0.2)]]
    np.testing.assert_allclose(words.coherence[:2], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [
        ({"fewest_texts": 1}, [0, 1, 2, 3]),
        ({"fewest_texts": 3}, [0]),
        ({"least_share": 0.5}, [0]),
        ({"most_share": 0.4}, [1, 2]),
        # Word 0 tells ln 5/3 less 1/6 of a nat for what chance makes of three texts,
        # word 1 ln 5/2 less 1/4; word 2 next to nothing.
        ({"candidates": 1, "told": 0.34}, [0, 1]),
        ({"candidates": 1, "told": 0.35}, [1]),
        ({"candidates": 1, "told": 9.0}, [1]),
        ({"candidates": 2, "told": 9.0}, [0, 1]),
        # Of those of the greatest weight.
        ({"at_most": 2}, [0, 1]),
    ],
)
def test_which_words_can_name_a_topic(settings, numbers):
    settings = NamingSettings(**{"most_share": 1.0, **settings})
    found = NamingWords(ROWS, CLUSTERS, settings)
    np.testing.assert_array_equal(found.numbers, numbers)
