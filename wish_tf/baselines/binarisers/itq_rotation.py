from __future__ import annotations

import numpy as np

from wish_tf.baselines.binarisers.principal_signs import PrincipalSigns

ITERATIONS = 50


class ITQRotation:
    """Iterative quantisation: principal components, turned so that signs lose little.

    From a random rotation R it goes to and fro: B = sign(V R), and then the R that
    brings V R nearest to B (an orthogonal Procrustes problem).

    Reference: Gong and Lazebnik, "Iterative quantization: A Procrustean approach to
    learning binary codes", CVPR 2011.

    Args:
        bits: length of a code.
        seed: of the first rotation.
    """

    def __init__(self, bits: int, seed: int = 0):
        self.bits = bits
        self.seed = seed
        self._principal = PrincipalSigns(bits)

    def fit(self, points: np.ndarray) -> ITQRotation:
        """Finds axes and rotation.

        Args:
            points: float [n, d].

        Raises:
            InputError: when there are fewer axes than bits.
        """
        components = self._principal.fit(points).project(points)
        rng = np.random.default_rng(self.seed)
        self.rotation, _ = np.linalg.qr(rng.normal(size=(self.bits, self.bits)))
        for _ in range(ITERATIONS):
            signs = np.where(components @ self.rotation > 0, 1.0, -1.0)
            left, _, right = np.linalg.svd(components.T @ signs)
            self.rotation = left @ right
        return self

    def project(self, points: np.ndarray) -> np.ndarray:
        """Returns what the bits of points [n, d] are the signs of, [n, bits]."""
        return self._principal.project(points) @ self.rotation

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        return (self.project(points) > 0).astype(np.uint8)
