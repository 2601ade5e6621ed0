import numpy as np

from wish_tf.callbacks.topic_pictures import (
    buckets_table,
    overlap_picture,
    topics_table,
    words_table,
)
from wish_tf.naming import Bucket, Topic


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


def test_topics_and_buckets_are_tables():
    topics = [Topic("oil_", ("oil", "opec"), (0.9, 0.5), 0.25, 0.875)]
    assert topics_table(topics).splitlines() == [
        "| bit | name | on | AUC | words |",
        "| --- | --- | --- | --- | --- |",
        "| 0 | oil&#95; | 25&#37; | 0&#46;88 | oil opec |",
    ]
    table = buckets_table(topics, [Bucket("1", 0.25, ("barrel",))])
    assert table.splitlines()[2].startswith("| 1 | 25&#46;0&#37; | oil&#95;")
