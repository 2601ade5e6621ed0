import numpy as np
import pytest
from scipy.sparse import csr_array, vstack

from wish_tf.metrics import code_statistics, precision_at_k, topic_measures
from wish_tf.metrics.yardstick import MEASURES, QUALITIES, Yardstick
from wish_tf.naming import topic_words

RNG = np.random.default_rng(0)
N, Q = 130, 20
# Two kinds of texts, each of words of its half of the vocabulary and a few others.
LABELS = np.arange(N + Q) % 2
PRESENT = RNG.random((N + Q, 30)) < np.where(
    np.arange(30) // 15 == LABELS[:, np.newaxis], 0.4, 0.05
)
ROWS = csr_array(PRESENT * RNG.random((N + Q, 30)))
CODES = (RNG.random((N + Q, 12)) < 0.3 + 0.4 * LABELS[:, np.newaxis]).astype(np.uint8)
YARDSTICK = Yardstick(ROWS[:N], ROWS[N:], LABELS[:N], LABELS[N:])


def test_all_measures_by_their_names():
    found = YARDSTICK.measures(CODES[:N], CODES[N:])
    assert list(found) == list(MEASURES)
    assert set(QUALITIES) < set(MEASURES)
    for k in (1, 10, 100):
        expected = precision_at_k(CODES[N:], LABELS[N:], CODES[:N], LABELS[:N], k)
        assert found[f"precision_at_{k}"] == expected
    assert found["precision_at_1000"] is None
    assert found["neighbour_recall_at_1000"] is None
    statistics = code_statistics(CODES[:N])
    for name in ("distinct_codes", "code_entropy", "mean_bucket"):
        assert found[name] == getattr(statistics, name)
    # The first eight bits, by the words of the database.
    words = topic_words(ROWS[:N], CODES[:N, :8]).numbers
    tests = topic_measures(words, CODES[N:, :8], ROWS[N:])
    assert found["readability"] == tests.readability
    assert found["fidelity"] == tests.fidelity.mean()
    assert found["least_fidelity"] == tests.fidelity.min() < tests.fidelity.mean()
    assert found["share_on"] == tests.share_on.mean()
    assert found["bit_correlation"] == tests.correlation
    trained = topic_measures(words, CODES[:N, :8], ROWS[:N])
    assert found["train_readability"] == trained.readability != tests.readability


def test_the_ten_nearest_among_the_first_hundred():
    found = YARDSTICK.per_query(CODES[:N], CODES[N:])["neighbour_recall_at_100"]
    lengths = np.sqrt((ROWS * ROWS).sum(axis=1))
    cosine = (ROWS[N:] @ ROWS[:N].T).toarray() / np.outer(lengths[N:], lengths[:N])
    for query, similar in enumerate(cosine):
        true = np.argsort(-similar)[:10]
        distance = (CODES[:N] != CODES[N + query]).sum(axis=1)
        # The chance of each true neighbour to be among the first hundred.
        edge = np.sort(distance)[99]
        left = 100 - (distance < edge).sum()
        chance = np.where(distance < edge, 1, left / (distance == edge).sum())
        chance[distance > edge] = 0
        assert found[query] == pytest.approx(chance[true].mean())


def test_texts_without_a_known_word_have_no_neighbours():
    empty = csr_array((1, 30))
    yardstick = Yardstick(vstack([ROWS[:N], empty]).tocsr(), empty)
    codes = np.concatenate([CODES[:N], CODES[:1]])
    assert yardstick.per_query(codes, CODES[:1]) == {}
    # And of two queries the other one counts.
    queries = vstack([empty, ROWS[N : N + 1]]).tocsr()
    yardstick = Yardstick(vstack([ROWS[:N], empty]).tocsr(), queries)
    found = yardstick.per_query(codes, CODES[[0, N]])
    expected = YARDSTICK.per_query(CODES[:N], CODES[N:])["neighbour_recall_at_100"]
    assert found["neighbour_recall_at_100"].tolist() == [expected[0]]


def test_without_labels_there_is_no_precision():
    found = Yardstick(ROWS[:N], ROWS[N:]).measures(CODES[:N], CODES[N:])
    assert found["precision_at_1"] is found["mean_average_precision"] is None
    assert found["neighbour_recall_at_100"] > 0
