import numpy as np
from scipy.sparse import csr_matrix

from wish_tf.baselines.lda import LDA, presence


def corpus():
    rng = np.random.default_rng(0)
    rows = np.zeros((80, 20))
    for i, row in enumerate(rows):
        half = 10 * (i % 2)
        row[half + rng.choice(10, 5, replace=False)] = rng.random(5) + 0.1
    return csr_matrix(rows)


def test_half_of_the_training_texts_are_above_each_median():
    hasher = LDA(2)
    codes = hasher.fit_transform(corpus())
    np.testing.assert_allclose(codes.mean(axis=0), 0.5, atol=0.02)


def test_topics_are_the_words_that_are_met_together():
    hasher = LDA(2).fit(corpus())
    halves = [set(words // 10) for words in hasher.topics(5)]
    assert sorted(halves, key=min) == [{0}, {1}]
    shares = hasher.shares(corpus())
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_weights_do_not_count():
    assert presence(csr_matrix([[0, 0.5], [3.0, 0]])).toarray().tolist() == [
        [0, 1],
        [1, 0],
    ]
