import numpy as np
import pytest

from wish_tf.callbacks.topic_pictures import overlap_picture, words_table
from wish_tf.callbacks.topic_view import TopicView
from wish_tf.layers import BernoulliEncoder
from wish_tf.models import WISH
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.topics import Topics

RNG = np.random.default_rng(0)
TOPICS = Topics(
    RNG.normal(size=(4, 100)).astype(np.float32),
    RNG.normal(size=100).astype(np.float32),
)


@pytest.fixture(scope="module")
def fitting() -> EncoderFitting:
    made = EncoderFitting(BernoulliEncoder(4, hidden_units=(8,)), 100, texts=10)
    made.topics = TOPICS
    return made


def test_the_gains_are_those_of_a_decoder_with_these_topics(fitting):
    wish = WISH(4, 100, topic_dim=8, hidden_units=(8,))
    wish.decoder.set_topic_words(TOPICS.words, TOPICS.bias)
    np.testing.assert_allclose(
        TOPICS.word_gains(), wish.decoder.word_gains(), rtol=1e-3, atol=1e-6
    )
    np.testing.assert_array_equal(
        TopicView.of(fitting, 5).words, TopicView.of(wish, 5).words
    )


def test_points_are_at_the_distances_of_the_topics(fitting):
    view = TopicView.of(fitting, 5)
    assert view.vectors.shape == (4, 4)
    for i in range(4):
        for j in range(4):
            assert np.linalg.norm(view.vectors[i] - view.vectors[j]) == pytest.approx(
                np.linalg.norm(TOPICS.words[i] - TOPICS.words[j]), abs=1e-4
            )
    unit = TOPICS.words / np.linalg.norm(TOPICS.words, axis=1, keepdims=True)
    np.testing.assert_allclose(view.overlap, unit @ unit.T, atol=1e-5)
    assert view.overlap_name == "cosine"


def test_a_dead_topic_overlaps_with_nothing(fitting):
    words = TOPICS.words.copy()
    words[1] = 0
    fitting.topics = Topics(words, TOPICS.bias)
    overlap = TopicView.of(fitting, 5).overlap
    assert np.all(np.isfinite(overlap)) and not overlap[1].any()
    fitting.topics = TOPICS


def test_colours():
    picture = overlap_picture(np.array([[1.0, 0.0], [-1.0, 7.0]]))
    size = len(picture) // 2
    assert picture.shape == (2 * size, 2 * size, 3) and picture.dtype == np.uint8
    corners = picture[0, 0], picture[0, -1], picture[-1, 0], picture[-1, -1]
    orange, white, blue = (230, 97, 0), (255, 255, 255), (26, 90, 200)
    assert [tuple(c.tolist()) for c in corners] == [orange, white, blue, orange]


def test_words_cannot_break_the_table():
    table = words_table([["a|b", "<i>"], ["x_y", "naïve"]])
    assert table.splitlines()[2:] == [
        "| 0 | a&#124;b &#60;i&#62; |",
        "| 1 | x&#95;y naïve |",
    ]
