"""A corpus whose topics are known."""

from __future__ import annotations

import numpy as np
import scipy.sparse

GROUPS, WORDS_EACH = 4, 25


def planted_rows(n: int = 400) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """Rows of documents that draw 8 words from their group's 25, and the groups."""
    rng = np.random.default_rng(0)
    groups = rng.integers(0, GROUPS, n)
    rows = np.zeros((n, GROUPS * WORDS_EACH), np.float32)
    for row, group in zip(rows, groups, strict=True):
        row[rng.choice(WORDS_EACH, 8, replace=False) + WORDS_EACH * group] = 8**-0.5
    return scipy.sparse.csr_matrix(rows), groups


def purity(codes: np.ndarray, groups: np.ndarray) -> float:
    """The share of documents that belong to the largest group of their code."""
    numbers = codes.astype(int) @ (1 << np.arange(codes.shape[1]))
    found = [np.bincount(groups[numbers == code]).max() for code in np.unique(numbers)]
    return sum(found) / len(groups)
