from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse
from scipy.special import expit

from baselines.ammi import AMMI, bit_entropies, code_entropy
from baselines.tests.rows import random_rows, values_of
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError


@pytest.fixture(scope="module")
def hasher() -> AMMI:
    return AMMI(3, seed=5, epochs=2).fit(random_rows())


def test_two_certain_opposite_codes_have_log_2_of_entropy():
    p = tf.constant([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    assert float(code_entropy(p)) == pytest.approx(np.log(2), abs=1e-4)


def test_one_certain_code_for_all_has_no_entropy():
    p = tf.constant([[0.0, 1.0, 0.0]] * 5)
    assert float(code_entropy(p)) == pytest.approx(0, abs=1e-4)


def test_fair_bits_have_the_entropy_of_all_codes():
    p = tf.fill((3, 5), 0.5)
    assert float(code_entropy(p)) == pytest.approx(5 * np.log(2), rel=1e-5)
    np.testing.assert_allclose(bit_entropies(p), [5 * np.log(2)] * 3, rtol=1e-5)


@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_entropy_is_that_of_enumerated_codes(bits):
    p = np.random.default_rng(bits).random((7, bits))
    expected = 0.0
    for code in product((0, 1), repeat=bits):
        mean = np.prod(np.where(code, p, 1 - p), axis=1).mean()
        expected -= mean * np.log(mean)
    assert float(code_entropy(tf.constant(p, tf.float32))) == pytest.approx(
        expected, rel=1e-4
    )


def test_entropy_of_a_text_is_the_sum_over_its_bits():
    quarter = -0.25 * np.log(0.25) - 0.75 * np.log(0.75)
    h = bit_entropies(tf.constant([[0.25, 0.5], [1.0, 0.0]]))
    np.testing.assert_allclose(h, [quarter + np.log(2), 0], rtol=1e-5, atol=1e-4)


def test_in_the_loss_the_entropy_of_codes_counts_twice():
    rows = random_rows()
    network = AMMI(3)._network(rows)
    (x,) = csr_dataset(rows, 30)
    # Codes that do not depend on the text have no information: H(Z) = H(Z | x).
    p = tf.constant([[0.3, 0.9, 0.5]] * 30)
    _, final = network.losses_of(x, None, p, training=False)
    np.testing.assert_allclose(final, -bit_entropies(p), rtol=1e-4)
    p = np.zeros((30, 3), np.float32)
    p[15:] = 1
    _, final = network.losses_of(x, None, tf.constant(p), training=False)
    np.testing.assert_allclose(final, -2 * np.log(2), rtol=1e-4)


def test_the_gradient_is_finite_at_certainty():
    p = tf.constant([[0.0, 1.0], [0.0, 1.0]])
    with tf.GradientTape() as tape:
        tape.watch(p)
        information = code_entropy(p) - bit_entropies(p)
    assert np.isfinite(tape.gradient(information, p)).all()


def test_bits_are_linear_in_the_row(hasher):
    rows = random_rows()
    kernel, bias = hasher.network.kernel.numpy(), hasher.network.bias.numpy()
    values = values_of(hasher, rows)
    np.testing.assert_allclose(values, expit(rows @ kernel + bias), rtol=1e-5)
    np.testing.assert_array_equal(hasher.transform(rows), values > 0.5)


def test_training_tells_two_kinds_of_text_apart():
    # Eight words of one kind, eight of another, and none in both.
    rng = np.random.default_rng(0)
    rows = (rng.random((200, 16)) < 0.6).astype(np.float32)
    rows[:100, 8:] = 0
    rows[100:, :8] = 0
    rows[:100, 0] = rows[100:, 8] = 1
    codes = AMMI(1, epochs=40).fit_transform(sparse.csr_matrix(rows))[:, 0]
    assert codes[:100].std() == codes[100:].std() == 0
    assert codes[0] != codes[100]


def test_codes_are_enumerated_up_to_12_bits():
    assert AMMI(12).bits == 12
    message = "expected at most 12 bits, as all codes are enumerated; got 13"
    with pytest.raises(InputError, match=f"^{message}$"):
        AMMI(13)
