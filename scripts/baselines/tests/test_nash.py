from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse

from baselines.nash import NASHNetwork
from baselines.tests.rows import random_rows
from wish_tf.data import csr_dataset


def batch_of(rows: sparse.csr_matrix) -> tf.SparseTensor:
    (batch,) = csr_dataset(rows, rows.shape[0])
    return batch


def silent_decoder(network: NASHNetwork) -> None:
    """Makes the decoder see nothing of the code."""
    network.decoder.words.assign(tf.zeros_like(network.decoder.words))


def test_loss_is_the_kl_to_fair_bits_less_the_likelihood_of_present_words():
    rows = sparse.csr_matrix([[1.0, 1, 0, 0], [0.5, 0, 2, 0], [0, 0, 0, 3]])
    network = NASHNetwork(2, rows)
    silent_decoder(network)
    probabilities = tf.constant([[0.5, 0.5], [0.25, 0.5], [1.0, 0.0]])
    outputs = probabilities, tf.zeros((3, 2))
    losses, final = network.losses_of(batch_of(rows), None, outputs, training=False)
    # A fair bit costs nothing, a certain one log 2.
    kl = [0, 0.25 * np.log(0.5) + 0.75 * np.log(1.5), 2 * np.log(2)]
    # Five words in all, the first of them twice; each counts once however heavy.
    rebuilt = [np.log(2 / 5 * 1 / 5), np.log(2 / 5 * 1 / 5), np.log(1 / 5)]
    np.testing.assert_allclose(losses, np.subtract(kl, rebuilt), rtol=1e-5)
    np.testing.assert_array_equal(final, losses)


def test_evaluation_decodes_the_bits_that_are_on_less_one_half():
    rows = random_rows()
    network = NASHNetwork(2, rows)
    probabilities = tf.constant([[0.4, 0.9]] * 30)
    # Any noise of this deviation would be seen.
    outputs = probabilities, tf.fill((30, 2), 3.0)
    x = batch_of(rows)
    losses, _ = network.losses_of(x, None, outputs, training=False)
    words = network.decoder(tf.constant([[-0.5, 0.5]] * 30)).numpy()
    rebuilt = ((rows.toarray() > 0) * np.log(words)).sum(axis=1)
    kl = 0.4 * np.log(0.8) + 0.6 * np.log(1.2) + 0.9 * np.log(1.8) + 0.1 * np.log(0.2)
    np.testing.assert_allclose(losses, kl - rebuilt, rtol=1e-4)
    again, _ = network.losses_of(x, None, outputs, training=False)
    np.testing.assert_array_equal(again, losses)


def test_noise_in_training_has_the_deviation_of_the_text():
    rows = random_rows()
    network = NASHNetwork(1, rows)
    x = batch_of(rows)
    # Certain bits: what is random in the loss is the noise alone.
    certain = tf.ones((30, 1))

    def spread(log_deviation: float) -> float:
        outputs = certain, tf.fill((30, 1), log_deviation)
        return np.std(
            [network.losses_of(x, None, outputs, training=True)[0] for _ in range(50)],
            axis=0,
        ).mean()

    assert spread(-20.0) < 1e-4
    # A deviation from 50 draws is known to 10 %, the mean of 30 to 2 %, a ratio of
    # two such means to 3 %: five standard errors.
    narrow, wide = spread(math.log(0.05)), spread(math.log(0.1))
    assert wide / narrow == pytest.approx(2, rel=0.15)


def test_the_gradient_of_the_likelihood_passes_straight_through_the_bits():
    rows = random_rows()
    network = NASHNetwork(3, rows)
    x = batch_of(rows)
    logits = tf.constant(np.random.default_rng(0).normal(size=(30, 3)), tf.float32)
    p = tf.sigmoid(logits)
    codes = tf.cast(p > 0.5, tf.float32) - 0.5
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([p, codes])
        loss, _ = network.losses_of(x, None, (p, tf.zeros((30, 3))), training=False)
        likelihood = network.log_likelihood(x, codes)
    # d KL / dp = logit(p); the rest is the likelihood's gradient by the code.
    np.testing.assert_allclose(
        tape.gradient(loss, p),
        logits - tape.gradient(likelihood, codes),
        rtol=1e-3,
        atol=1e-4,
    )
    assert np.abs(tape.gradient(likelihood, codes)).max() > 0.01


def test_the_noise_learns():
    rows = random_rows()
    network = NASHNetwork(3, rows)
    x = batch_of(rows)
    with tf.GradientTape() as tape:
        loss, _ = network.losses_of(x, None, network(x), training=True)
    gradients = tape.gradient(loss, network.log_deviation.trainable_variables)
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)
