import itertools

import numpy as np
import pytest
import tensorflow as tf

from wish_tf.layers.topic_space import all_codes
from wish_tf.training import code_table
from wish_tf.training.code_table import (
    WordTable,
    posterior_means,
    through_channel,
)


def decoder(bits: int) -> tuple[tf.Tensor, tf.Tensor]:
    rng = np.random.default_rng(0)
    words, bias = rng.normal(size=(bits, 7)), rng.normal(size=7)
    return tf.constant(words, tf.float32), tf.constant(bias, tf.float32)


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


@pytest.mark.parametrize("bits", [1, 2, 3, 6])
def test_log_partitions(bits):
    words, bias = decoder(bits)
    logits = (all_codes(bits) - 0.5) @ words.numpy() + bias.numpy()
    np.testing.assert_allclose(
        WordTable(words, bias).log_partitions(),
        np.log(np.exp(logits).sum(axis=1)),
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("bits", [1, 2, 3, 6])
def test_expected_words_are_the_gradient_of_the_log_partitions(bits):
    words, bias = decoder(bits)
    weights = tf.constant(np.random.default_rng(1).random(2**bits), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch([words, bias])
        total = tf.reduce_sum(weights * WordTable(words, bias).log_partitions())
    by_topic, by_bias = tape.gradient(total, [words, bias])
    ours = WordTable(words, bias).expected_words(weights)
    np.testing.assert_allclose(ours[0], by_topic, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ours[1], by_bias, rtol=1e-4, atol=1e-6)


def test_posterior_means_in_pieces(monkeypatch):
    monkeypatch.setattr(code_table, "POSTERIORS", 16)
    rng = np.random.default_rng(0)
    codes = all_codes(3)
    by_topic, partitions = rng.normal(size=(5, 3)), rng.normal(size=8)
    sums = rng.random(5)
    posterior = np.exp(by_topic @ (codes - 0.5).T - sums[:, None] * partitions)
    posterior /= posterior.sum(axis=1, keepdims=True)
    means, by_code = posterior_means(
        *(tf.constant(a, tf.float32) for a in (by_topic, sums, partitions, codes))
    )
    np.testing.assert_allclose(means, posterior @ codes, rtol=1e-4)
    np.testing.assert_allclose(by_code, posterior.T @ sums, rtol=1e-4)
