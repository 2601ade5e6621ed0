"""The neighbourhood and Gaussian baselines on real documents."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.nbrreg import NbrReg
from baselines.node2hash import Node2hash
from baselines.rbsh import RBSH
from baselines.vdsh import VDSH
from wish_tf.metrics import precision_at_k


@pytest.mark.parametrize(
    ("method", "epochs"), [(VDSH, 6), (NbrReg, 6), (Node2hash, 5), (RBSH, 5)]
)
def test_retrieval_is_clearly_better_than_chance(splits, method, epochs):
    train, test = splits.train, splits.test
    hasher = method(8, epochs=epochs)
    # The corpus is tiny: with the authors' batches there would be five steps a pass.
    hasher.batch_size = 20
    codes = hasher.fit_transform(train.texts, splits.validation.texts)
    test_codes = hasher.transform(test.texts)

    def precision(query_codes: np.ndarray, codes: np.ndarray) -> float:
        return precision_at_k(query_codes, test.labels, codes, train.labels, 20)

    # With one code for all, the 20 nearest are any 20.
    chance = precision(np.zeros_like(test_codes), np.zeros_like(codes))
    assert precision(test_codes, codes) > 2 * chance
    assert len(np.unique(codes, axis=0)) > 16
    assert len(np.unique(test_codes, axis=0)) > 8
    assert (codes.std(axis=0) > 0).all()
