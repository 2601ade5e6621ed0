from __future__ import annotations

import numpy as np

from wish_tf.errors import InputError


class PrincipalSigns:
    """A bit is the sign of a principal component.

    Args:
        bits: length of a code.
        seed: not used; there as in the others.
    """

    def __init__(self, bits: int, seed: int = 0):
        self.bits = bits

    def fit(self, points: np.ndarray) -> PrincipalSigns:
        """Finds the principal axes of points.

        Args:
            points: float [n, d].

        Raises:
            InputError: when there are fewer axes than bits.
        """
        most = min(points.shape)
        if self.bits > most:
            raise InputError(
                f"expected at most as many bits as there are axes, {most}; got "
                f"{self.bits}"
            )
        self._mean = points.mean(axis=0)
        centred = points - self._mean
        # Eigenvectors of the covariance: d is small and n is not.
        _, axes = np.linalg.eigh(centred.T @ centred)
        self._axes = axes[:, ::-1][:, : self.bits]
        return self

    def project(self, points: np.ndarray) -> np.ndarray:
        """Returns the principal components of points [n, d], float [n, bits]."""
        return (points - self._mean) @ self._axes

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        return (self.project(points) > 0).astype(np.uint8)
