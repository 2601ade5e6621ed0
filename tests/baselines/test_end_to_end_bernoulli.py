"""The baselines with Bernoulli codes on real documents."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.ammi import AMMI
from baselines.bmsh import BMSH
from baselines.nash import NASH
from wish_tf.metrics import precision_at_k


# The corpus is tiny: with the usual batches there would be five steps a pass, or one.
@pytest.mark.parametrize(
    ("method", "epochs", "batch_size"),
    [(NASH, 12, 20), (BMSH, 12, 20), (AMMI, 40, 100)],
)
def test_retrieval_is_clearly_better_than_chance(splits, method, epochs, batch_size):
    train, test = splits.train, splits.test
    hasher = method(8, epochs=epochs)
    hasher.batch_size = batch_size
    codes = hasher.fit_transform(train.texts, splits.validation.texts)
    test_codes = hasher.transform(test.texts)
    precision = precision_at_k(test_codes, test.labels, codes, train.labels, 20)
    # With one code for all, the 20 nearest are any 20.
    chance = precision_at_k(
        np.zeros_like(test_codes), test.labels, np.zeros_like(codes), train.labels, 20
    )
    assert precision > 1.4 * chance
    share = codes.mean(axis=0)
    assert ((share > 0) & (share < 1)).all()
    assert len(np.unique(test_codes, axis=0)) > 8
