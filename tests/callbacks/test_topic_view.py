import numpy as np

from wish_tf.callbacks.topic_pictures import overlap_picture, words_table
from wish_tf.callbacks.topic_view import TopicView
from wish_tf.models import WISH


def test_what_is_seen_is_the_decoders():
    wish = WISH(4, 100, topic_dim=8, hidden_units=(8,))
    topics = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
    wish.decoder.topics.assign(topics)
    view = TopicView.of(wish, 5)
    np.testing.assert_array_equal(view.vectors, topics)
    np.testing.assert_allclose(view.overlap, topics @ topics.T, rtol=1e-5)
    np.testing.assert_array_equal(view.words, wish.topics(5)[0])


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
