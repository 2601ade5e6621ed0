"""The methods that are networks, on real documents."""

from __future__ import annotations

import numpy as np
import pytest

from baselines import METHODS
from baselines.tests.rows import random_rows, values_of
from wish_tf.metrics import precision_at_k


# The corpus is tiny: with the authors' batches there would be five steps a pass.
@pytest.mark.parametrize(
    ("name", "epochs", "batch_size", "times", "codes_in_use"),
    [
        ("vdsh", 6, 20, 2, 16),
        ("nbrreg", 6, 20, 2, 16),
        ("node2hash", 5, 20, 2, 16),
        ("rbsh", 5, 20, 2, 16),
        ("nash", 12, 20, 1.4, 8),
        ("bmsh", 12, 20, 1.4, 8),
        ("ammi", 40, 100, 1.4, 8),
    ],
)
def test_retrieval_is_clearly_better_than_chance(
    splits, name, epochs, batch_size, times, codes_in_use
):
    train, test = splits.train, splits.test
    hasher = METHODS[name](8, epochs=epochs)
    hasher.batch_size = batch_size
    codes = hasher.fit_transform(train.texts, splits.validation.texts)
    test_codes = hasher.transform(test.texts)

    def precision(query_codes: np.ndarray, codes: np.ndarray) -> float:
        return precision_at_k(query_codes, test.labels, codes, train.labels, 20)

    # With one code for all, the 20 nearest are any 20.
    chance = precision(np.zeros_like(test_codes), np.zeros_like(codes))
    assert precision(test_codes, codes) > times * chance
    assert len(np.unique(codes, axis=0)) > codes_in_use
    assert len(np.unique(test_codes, axis=0)) > 8
    assert (codes.std(axis=0) > 0).all()


@pytest.mark.parametrize("name", ["vdsh", "nbrreg", "nash", "bmsh", "ammi"])
def test_a_seed_repeats_and_values_are_cut_to_bits(name):
    rows = random_rows()
    first, again, other = (METHODS[name](3, seed=s, epochs=2) for s in (5, 5, 6))
    codes = first.fit_transform(rows)
    values = values_of(first, rows)
    np.testing.assert_array_equal(values_of(again.fit(rows), rows), values)
    assert np.abs(values_of(other.fit(rows), rows) - values).max() > 0.01
    # The Gaussian ones are cut at their medians.
    gaussian = name in ("vdsh", "nbrreg")
    np.testing.assert_array_equal(
        codes, values > (np.median(values, axis=0) if gaussian else 0.5)
    )
