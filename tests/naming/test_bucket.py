import json

import numpy as np
import scipy.sparse

from wish_tf.naming import Bucket, NamingSettings, Topic, name_buckets, reading

WORDS = ["oil", "opec", "tariff", "wheat", "all"]
# Three buckets: oil, oil and trade, nothing. "opec" and "tariff" set the first two
# apart; every text holds "all".
CODES = np.array([[1, 0]] * 4 + [[1, 1]] * 3 + [[0, 0]] * 2)
ROWS = scipy.sparse.csr_matrix(
    np.array(
        [[1, 1, 0, 0, 1]] * 4 + [[1, 0, 1, 0, 1]] * 3 + [[0, 0, 0, 1, 1]] * 2,
        np.float32,
    )
)
TOPICS = (
    Topic("oil", ("oil",), (1.0,), 0.7, 1.0),
    Topic("trade", (), (), 0.3, 1.0),
)
SETTINGS = NamingSettings(most_share=1.0, fewest_texts=1)


def test_a_bucket_is_named_by_what_sets_it_apart():
    found = name_buckets(ROWS, CODES, TOPICS, WORDS, SETTINGS)
    assert [bucket.code for bucket in found] == ["10", "11", "00"]
    np.testing.assert_allclose(
        [bucket.share for bucket in found], [4 / 9, 3 / 9, 2 / 9]
    )
    # Neither the words of its topics nor those that its neighbours hold as often.
    assert [bucket.words for bucket in found] == [("opec",), ("tariff",), ("wheat",)]


def test_only_near_buckets_count_as_neighbours():
    # The two buckets of "oil" are near each other, the third is three bits from them.
    codes = np.pad(CODES, ((0, 0), (0, 2)))
    codes[7:] = [0, 1, 1, 1]
    topics = (*TOPICS, TOPICS[1], TOPICS[1])
    found = name_buckets(ROWS, codes, topics, WORDS, SETTINGS)
    last = next(bucket for bucket in found if bucket.code == "0111")
    # Nothing is near: all others are its neighbours.
    assert last.words == ("wheat",)
    first = next(bucket for bucket in found if bucket.code == "1000")
    assert first.words == ("opec",)


def test_a_single_bucket_has_no_neighbours_and_still_a_name():
    (found,) = name_buckets(ROWS, np.zeros((9, 2), int), TOPICS, WORDS, SETTINGS)
    assert found.code == "00" and found.share == 1 and found.words[0] == "all"


def test_no_topics_no_buckets_to_tell_apart():
    assert name_buckets(ROWS, np.zeros((9, 0), int), (), WORDS, SETTINGS) == ()


def test_a_bucket_is_written_as_json():
    bucket = Bucket("10", 0.25, ("opec",))
    assert Bucket(**json.loads(json.dumps(bucket.to_json()))) == bucket
    assert bucket.bits.tolist() == [1, 0]


def test_a_code_is_read_with_the_words_of_its_bucket():
    buckets = name_buckets(ROWS, CODES, TOPICS, WORDS, SETTINGS)
    names = ["oil", "trade", ""]
    assert reading(np.array([1, 1, 1]), names, buckets) == "oil + trade (tariff)"
    assert reading(np.array([0, 0, 1]), names, buckets) == "none of the topics (wheat)"
    # No training text had it.
    assert reading(np.array([0, 1, 0]), names, buckets) == "trade"
