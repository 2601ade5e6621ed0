from __future__ import annotations

from itertools import product

import numpy as np
import tensorflow as tf
from scipy import sparse

from baselines.bmsh import BMSH, COMPONENTS, BMSHNetwork, mixture_kl
from baselines.tests.rows import random_rows
from wish_tf.data import csr_dataset
from wish_tf.models.wish import bernoulli_kl


def bernoulli(code, p: np.ndarray) -> np.ndarray:
    """Returns the probability of a code, its bits being independent."""
    return np.prod(np.where(code, p, 1 - p), axis=-1)


def test_kl_is_the_sum_over_all_codes_and_components():
    probabilities = np.array([[0.3, 0.8], [0.5, 0.1]])
    component = np.array([[0.6, 0.4], [0.1, 0.9]])
    shares = np.array([0.7, 0.3])
    centres = np.array([[0.2, 0.6], [0.9, 0.5]])
    expected = np.zeros(2)
    for c, code in product(range(2), product((0, 1), repeat=2)):
        q = bernoulli(code, probabilities) * component[:, c]
        prior = bernoulli(code, centres[c]) * shares[c]
        expected += q * np.log(q / prior)
    kl = mixture_kl(
        tf.constant(probabilities, tf.float32),
        tf.constant(component, tf.float32),
        tf.constant(np.log(shares) + 5, tf.float32),
        tf.constant(np.log(centres / (1 - centres)), tf.float32),
    )
    np.testing.assert_allclose(kl, expected, rtol=1e-4)


def test_kl_is_nothing_when_the_posterior_is_the_prior():
    kl = mixture_kl(
        tf.fill((1, 2), 0.5), tf.constant([[0.5, 0.5]]), tf.zeros(2), tf.zeros((2, 2))
    )
    np.testing.assert_allclose(kl, [0], atol=1e-6)


def test_one_component_with_fair_bits_is_the_prior_of_nash():
    p = tf.constant([[0.5, 0.3], [0.0, 0.9]])
    kl = mixture_kl(p, tf.ones((2, 1)), tf.zeros(1), tf.zeros((1, 2)))
    np.testing.assert_allclose(kl, bernoulli_kl(p), rtol=1e-4)


def test_kl_and_its_gradient_are_finite_at_certainty():
    p, component = tf.constant([[1.0, 0.0]]), tf.constant([[1.0, 0.0]])
    shares, centres = tf.zeros(2), tf.constant([[40.0, -40.0], [-40.0, 40.0]])
    with tf.GradientTape() as tape:
        tape.watch([p, component, shares, centres])
        kl = mixture_kl(p, component, shares, centres)
    np.testing.assert_allclose(kl, [np.log(2)], atol=1e-4)
    for gradient in tape.gradient(kl, [p, component, shares, centres]):
        assert np.isfinite(gradient).all()


def test_the_prior_learns_and_its_components_differ():
    rows = random_rows()
    hasher = BMSH(3, epochs=1)
    network = hasher._network(rows)
    (x,) = csr_dataset(rows, 30)
    with tf.GradientTape() as tape:
        outputs = network(x)
        loss, _ = network.losses_of(x, None, outputs, training=False)
    assert outputs[1].shape == (30, COMPONENTS)
    np.testing.assert_allclose(np.sum(outputs[1], axis=1), np.ones(30), rtol=1e-5)
    for gradient in tape.gradient(loss, [network.shares, network.centres]):
        assert np.abs(gradient).max() > 0
    # Equal components would stay equal.
    assert len(np.unique(network.centres.numpy(), axis=0)) == COMPONENTS


def test_loss_is_the_kl_less_the_likelihood_of_present_words():
    rows = sparse.csr_matrix([[1.0, 1, 0, 0], [0.5, 0, 2, 0], [0, 0, 0, 3]])
    network = BMSHNetwork(2, rows)
    network.decoder.words.assign(np.zeros((2, 4)))
    (x,) = csr_dataset(rows, 3)
    outputs = network(x)
    losses, final = network.losses_of(x, None, outputs, training=False)
    kl = mixture_kl(*outputs[:2], network.shares.value, network.centres.value)
    # Five words in all, the first of them twice; each counts once however heavy.
    rebuilt = [np.log(2 / 5 * 1 / 5)] * 2 + [np.log(1 / 5)]
    np.testing.assert_allclose(losses, kl - rebuilt, rtol=1e-5)
    np.testing.assert_array_equal(final, losses)
