import keras
import numpy as np
import pytest
import tensorflow as tf

from wish_tf.layers import WordDropout

ROWS = np.array([[0, 0.6, 0, 0.8], [1, 0, 0, 0], [0, 0, 0, 0]], np.float32)


def test_config_round_trip():
    config = WordDropout(0.25, seed=3, name="w").get_config()
    assert (config["rate"], config["seed"]) == (0.25, 3)
    assert WordDropout.from_config(config).get_config() == config


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_nothing_is_left_out_outside_of_training_or_at_rate_zero(rate, training):
    rows = WordDropout(rate)(ROWS, training=training)
    np.testing.assert_array_equal(tf.sparse.to_dense(rows), ROWS)


def test_words_are_left_out_at_the_rate_and_rows_keep_norm_one():
    wide = np.full((50, 400), 400**-0.5, np.float32)
    rows = tf.sparse.to_dense(WordDropout(0.3)(wide, training=True)).numpy()
    # Five standard errors of a share of 20,000 draws.
    assert (rows == 0).mean() == pytest.approx(0.3, abs=5 * 0.46 / 20_000**0.5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-4)


def test_a_row_that_loses_all_its_words_is_empty():
    rows = WordDropout(0.999999)(ROWS, training=True)
    np.testing.assert_array_equal(tf.sparse.to_dense(rows), np.zeros_like(ROWS))


def test_rates_out_of_range_are_refused():
    with pytest.raises(ValueError, match="below 1; got 1"):
        WordDropout(1)


def test_the_width_of_symbolic_rows_is_known():
    rows = WordDropout(0.3)(keras.Input((40,), sparse=True))
    assert rows.shape == (None, 40) and rows.sparse
