"""Rows for the tests of networks, and what a network makes of them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from baselines.neural_baseline import NeuralBaseline
from wish_tf.data import csr_dataset


def random_rows(n: int = 30, words: int = 12) -> sparse.csr_matrix:
    """Returns n rows, none of them empty."""
    rows = np.random.default_rng(0).random((n, words)) * (
        np.random.default_rng(1).random((n, words)) < 0.4
    )
    rows[:, 0] += 0.1
    return sparse.csr_matrix(rows, dtype=np.float32)


def values_of(hasher: NeuralBaseline, rows: sparse.csr_matrix) -> np.ndarray:
    """Returns what is thresholded to bits, [n, bits]."""
    batches = csr_dataset(hasher._inputs(rows), 30)
    return hasher.network.predict(batches, verbose=0)
