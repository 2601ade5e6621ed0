import keras
import numpy as np
import pytest

from tests.training.planted import planted_rows
from wish_tf import InputError
from wish_tf.callbacks import BoardSample
from wish_tf.layers import BernoulliEncoder
from wish_tf.metrics import precision_at_k

ROWS, GROUPS = planted_rows(5000)
GROUPS = GROUPS.tolist()


def encoder() -> BernoulliEncoder:
    # Whatever ran before in this process.
    keras.utils.set_random_seed(0)
    made = BernoulliEncoder(6, hidden_units=(32, 16), dropout=0.5)
    made.build((None, ROWS.shape[1]))
    return made


def test_probabilities_are_those_of_the_encoder():
    found = BoardSample(ROWS[100:300], ROWS[:100])
    made = encoder()
    database, queries = found.probabilities(made)
    np.testing.assert_allclose(database, made(ROWS[100:300].toarray()), atol=1e-6)
    np.testing.assert_allclose(queries, made(ROWS[:100].toarray()), atol=1e-6)


def test_of_many_documents_a_share_estimates_the_whole():
    every, made = slice(1000, 5000), encoder()
    found = BoardSample(
        ROWS[every], ROWS[:1000], labels=GROUPS[every], validation_labels=GROUPS[:1000]
    )
    assert (found.k, found.database, found.queries) == (25, 1000, 400)
    codes = np.asarray(made(ROWS.toarray())) > 0.5
    exact = precision_at_k(codes[:1000], GROUPS[:1000], codes[every], GROUPS[every])
    estimate = found.retrieval(*found.probabilities(made))["precision_at_100"]
    # Chance is 0.25. 400 queries have a standard error of 0.005 here.
    assert exact > 0.3
    assert estimate == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("n", [100, 101, 999, 1001, 1999, 2500])
def test_neighbours_are_the_same_share_of_the_sample_as_of_all(n):
    found = BoardSample(ROWS[:n], ROWS[:5])
    assert found.k / found.database == pytest.approx(100 / n, rel=0.001)
    assert found.database <= min(n, 1010)


def test_the_sample_is_the_same_each_time():
    one, two = (BoardSample(ROWS[1000:], ROWS[:1000]) for _ in range(2))
    made = encoder()
    for ours, theirs in zip(
        one.probabilities(made), two.probabilities(made), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_few_training_documents_are_not_searched():
    found = BoardSample(ROWS[:99], ROWS[99:120])
    database, queries = found.probabilities(encoder())
    assert queries.shape == (21, 6)
    assert found.retrieval(database, queries) == {}


def test_texts_without_a_known_word_are_left_out():
    rows = ROWS[:10].copy()
    rows.data[rows.indptr[3] : rows.indptr[5]] = 0
    rows.eliminate_zeros()
    texts = [f"text {i}" for i in range(10)]
    found = BoardSample(ROWS[10:200], rows, texts=texts)
    assert found.texts == [t for i, t in enumerate(texts) if i not in (3, 4)]
    with pytest.raises(InputError, match="known word; got none in 2"):
        BoardSample(ROWS[10:200], rows[3:5])


def test_labels_of_both_or_of_none():
    with pytest.raises(InputError, match="or of neither; got one of them"):
        BoardSample(ROWS[:200], ROWS[200:300], labels=GROUPS[:200])
