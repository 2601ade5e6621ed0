from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from baselines.tests.rows import random_rows
from baselines.vdsh import VDSH, GaussianNetwork, gaussian_kl
from wish_tf.data import csr_dataset


@pytest.fixture(scope="module")
def fitted() -> VDSH:
    return VDSH(3, seed=5, epochs=1).fit(random_rows())


def test_kl_of_gaussians_is_the_closed_form():
    # 1/2 (mean^2 + variance - 1 - log variance), summed over the bits.
    kl = gaussian_kl(
        np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]], np.float32),
        np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]], np.float32),
    )
    np.testing.assert_allclose(kl, [0, 2, (np.e - 2) / 2 + (np.e - 1) / 2], rtol=1e-6)


def test_variance_is_between_1_and_e_whatever_the_row():
    rows = random_rows()
    network = GaussianNetwork(4, rows, steps=10)
    for batch in csr_dataset(rows * 1000, 30):
        _, log_variance = network(batch)
    variance = np.exp(log_variance)
    assert variance.min() >= 1
    assert variance.max() <= np.exp(1) * (1 + 1e-6)
    assert variance.max() > 2 and variance.min() < 1.5


@pytest.mark.parametrize(("steps", "weight"), [(1000, 0.2), (5000, 1), (9000, 1)])
def test_evaluation_decodes_the_mean_and_weighs_the_kl_as_at_the_end(steps, weight):
    rows = sparse.csr_matrix([[1.0, 1, 0, 0], [0.5, 0, 2, 0], [0, 0, 0, 3]])
    network = GaussianNetwork(2, rows, steps=steps)
    network.compile()
    network.decoder.words.assign(np.zeros((2, 4)))
    for batch in csr_dataset(rows, 3):
        outputs = network(batch)
    losses, final = network.losses_of(batch, None, outputs, training=False)
    # Five words in all, the first of them twice: their share is what is left of the
    # decoder, and each counts once however heavy it is.
    rebuilt = [np.log(2 / 5 * 1 / 5)] * 2 + [np.log(1 / 5)]
    np.testing.assert_allclose(losses, -np.array(rebuilt), rtol=1e-5)
    np.testing.assert_allclose(
        final, weight * gaussian_kl(*outputs) - rebuilt, rtol=1e-5
    )


def test_bits_are_cut_at_the_medians_of_the_training_rows(fitted):
    rows = random_rows()
    codes = fitted.transform(rows)
    (x,) = csr_dataset(rows, 30)
    values = fitted.network(x)[0].numpy()
    medians = np.median(values, axis=0)
    np.testing.assert_array_equal(codes, values > medians)
    np.testing.assert_array_equal(codes.sum(axis=0), [15, 15, 15])
    # Other rows are cut at the same values, not at their own medians.
    others = rows[np.argsort(values[:, 0])[:10]]
    np.testing.assert_array_equal(fitted.transform(others)[:, 0], np.zeros(10))


def test_steps_are_those_of_all_epochs():
    hasher = VDSH(3, epochs=7)
    hasher.batch_size = 8
    assert hasher._steps(random_rows(30)) == 28
