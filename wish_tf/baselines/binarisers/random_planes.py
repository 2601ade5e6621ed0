from __future__ import annotations

import numpy as np


class RandomPlanes:
    """A bit says on which side of a random plane through the mean a point is.

    Reference: Charikar, "Similarity estimation techniques from rounding
    algorithms", STOC 2002.

    Args:
        bits: length of a code.
        seed: of the planes.
    """

    def __init__(self, bits: int, seed: int = 0):
        self.bits = bits
        self.seed = seed

    def fit(self, points: np.ndarray) -> RandomPlanes:
        """Takes the mean of points, float [n, d]."""
        self._mean = points.mean(axis=0)
        rng = np.random.default_rng(self.seed)
        self._normals = rng.normal(size=(points.shape[1], self.bits))
        return self

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        return ((points - self._mean) @ self._normals > 0).astype(np.uint8)
