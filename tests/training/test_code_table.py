import itertools

import numpy as np
import pytest
import tensorflow as tf

from wish_tf.training import code_table
from wish_tf.training.code_table import (
    all_codes,
    expected_words,
    log_partitions,
    through_channel,
)


@pytest.fixture
def decoder() -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    rng = np.random.default_rng(0)
    words, bias = rng.normal(size=(3, 7)), rng.normal(size=7)
    return (
        tf.constant(all_codes(3)),
        tf.constant(words, tf.float32),
        tf.constant(bias, tf.float32),
    )


def test_codes_are_all_there_in_the_order_of_their_numbers():
    codes = all_codes(3)
    assert codes.tolist()[:4] == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
    assert {tuple(code) for code in codes} == set(itertools.product((0, 1), repeat=3))


def test_channel_is_the_mean_over_flipped_codes():
    bits, flip = 4, 0.1
    table = np.random.default_rng(0).normal(size=16).astype(np.float32)
    distance = np.bitwise_count(np.arange(16)[:, None] ^ np.arange(16))
    matrix = flip**distance * (1 - flip) ** (bits - distance)
    np.testing.assert_allclose(
        through_channel(tf.constant(table), bits, flip), matrix @ table, rtol=1e-4
    )
    np.testing.assert_array_equal(through_channel(tf.constant(table), bits, 0.0), table)


def test_log_partitions(decoder, monkeypatch):
    codes, words, bias = decoder
    logits = (codes.numpy() - 0.5) @ words.numpy() + bias.numpy()
    expected = np.log(np.exp(logits).sum(axis=1))
    np.testing.assert_allclose(log_partitions(*decoder), expected, rtol=1e-5)
    monkeypatch.setattr(code_table, "CHUNK", 3)
    in_chunks = log_partitions.python_function(*decoder)
    np.testing.assert_allclose(in_chunks, expected, rtol=1e-5)


def test_expected_words_are_the_gradient_of_the_log_partitions(decoder, monkeypatch):
    codes, words, bias = decoder
    weights = tf.constant(np.random.default_rng(1).random(8), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch([words, bias])
        total = tf.reduce_sum(
            weights * log_partitions.python_function(codes, words, bias)
        )
    by_topic, by_bias = tape.gradient(total, [words, bias])
    monkeypatch.setattr(code_table, "CHUNK", 3)
    for function in (expected_words, expected_words.python_function):
        ours = function(codes, words, bias, weights)
        np.testing.assert_allclose(ours[0], by_topic, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(ours[1], by_bias, rtol=1e-4, atol=1e-6)
