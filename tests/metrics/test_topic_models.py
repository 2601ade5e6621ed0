import numpy as np
import pytest
from scipy.sparse import csr_matrix

from wish_tf.errors import InputError
from wish_tf.layers import TfidfVectorization
from wish_tf.metrics.topic_models import TopicModel, topic_models, word_counts
from wish_tf.metrics.yardstick import Yardstick


def corpus():
    """80 texts, of which each has five words of its half of the vocabulary."""
    rng = np.random.default_rng(0)
    rows = np.zeros((80, 20))
    for i, row in enumerate(rows):
        half = 10 * (i % 2)
        row[half + rng.choice(10, 5, replace=False)] = rng.random(5) + 0.1
    return csr_matrix(rows, dtype=np.float32)


@pytest.mark.parametrize("kind", ["lda", "nmf"])
def test_topics_are_on_in_the_share_of_texts_that_is_asked_for(kind):
    rows = corpus()
    model = TopicModel(kind, 2).fit(rows)
    np.testing.assert_allclose(model.codes(rows).mean(axis=0), 0.5, atol=0.02)
    fewer = model.codes(rows, 0.2)
    np.testing.assert_allclose(fewer.mean(axis=0), 0.2, atol=0.02)
    # They are the heaviest.
    weights = model.weights(rows)
    for bit in range(2):
        on = fewer[:, bit] == 1
        assert weights[on, bit].min() > weights[~on, bit].max()
    # Topics are the words that are met together.
    halves = [set(words // 10) for words in model.words(5)]
    assert sorted(halves, key=min) == [{0}, {1}]


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="texts with known words; got none"):
        TopicModel("nmf", 2).fit(csr_matrix((3, 4), dtype=np.float32))


def test_counts_come_back_from_tf_idf():
    texts = ["cat cat cat dog", "dog dog cat bird bird", "bird"] * 2 + ["unknown"]
    vectorization = TfidfVectorization(min_df=2)
    rows = vectorization.adapt(texts)
    assert vectorization.vocabulary == ["bird", "cat", "dog"]
    counts = word_counts(rows, vectorization.idf_weights).toarray()
    expected = [[0, 3, 1], [2, 1, 2], [1, 0, 0]] * 2 + [[0, 0, 0]]
    np.testing.assert_allclose(counts, expected, rtol=1e-6)


def test_topic_models_are_measured_by_both_kinds_of_words():
    found = topic_models(Yardstick(corpus(), corpus()), 2, 0.5)
    assert list(found) == ["lda", "lda, told", "nmf", "nmf, told"]
    for measured in found.values():
        # The two topics are the halves, whatever names them: no text has both.
        assert measured["fidelity"] == 1
        assert measured["bit_correlation"] == pytest.approx(1)
        assert measured["share_on"] == pytest.approx(0.5)
        # Ten words of a half, of which each pair is in 2/9 of its texts.
        assert 0.1 < measured["readability"] < 0.6
