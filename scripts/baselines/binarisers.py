"""Ways to cut points of a space to bits: `fit(points)`, then `bits_of(points)`."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize

from wish_tf.errors import InputError

# An assignment of 2^12 clusters takes a quarter of a minute, of 2^13 minutes.
MOST_BITS = 12
# Starts of k-means, for up to so many clusters; for more, one.
STARTS, FEW_CLUSTERS = 3, 256
ROUNDS = 5
ITERATIONS = 50


class Binariser(Protocol):
    """Cuts points of a space to bits.

    Args:
        bits: length of a code.
        seed: of everything random.
    """

    def __init__(self, bits: int, seed: int = 0) -> None: ...

    def fit(self, points: np.ndarray) -> Binariser:
        """Learns where to cut, from points, float [n, d]; returns itself."""
        ...

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        ...


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


class ClusterNumbers:
    """2^bits-means: a code is the number of a cluster, near ones for near clusters.

    Codes are given so that `sum_ij w_i w_j (s_ij - s) h_ij` is small, where w is the
    root of a cluster's size, s_ij the cosine of two centroids, s its mean, and h_ij
    the Hamming distance of their codes: a quadratic assignment problem. It starts
    at the codes that agree best with the signs of ITQ, and is improved by linear
    assignments, each cluster's codes being weighed against the others' last ones.

    Args:
        bits: length of a code, 12 at most.
        seed: of k-means and ITQ.

    Raises:
        InputError: for more bits.
    """

    def __init__(self, bits: int, seed: int = 0):
        if bits > MOST_BITS:
            raise InputError(
                f"expected at most {MOST_BITS} bits, for 2^bits clusters; got {bits}"
            )
        self.bits = bits
        self.seed = seed

    def fit(self, points: np.ndarray) -> ClusterNumbers:
        """Finds clusters of points, float [n, d], and their codes."""
        k = min(2**self.bits, len(np.unique(points, axis=0)))
        self._clusters = KMeans(
            k, n_init=STARTS if k <= FEW_CLUSTERS else 1, random_state=self.seed
        ).fit(points)
        self.codes = self._codes(
            self._clusters.cluster_centers_,
            np.bincount(self._clusters.labels_, minlength=k),
            points,
        )
        return self

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        return self.codes[self._clusters.predict(points)]

    def _codes(
        self, centroids: np.ndarray, sizes: np.ndarray, points: np.ndarray
    ) -> np.ndarray:
        """Returns a code for each cluster, all different, uint8 0/1 [k, bits]."""
        signs = 2.0 * (np.arange(2**self.bits)[:, None] >> np.arange(self.bits) & 1) - 1
        # With fewer axes than bits there is nothing to start from but the axes.
        axes = min(self.bits, *points.shape)
        start = ITQRotation(axes, self.seed).fit(points).project(centroids)
        _, chosen = linear_sum_assignment(start @ signs[:, :axes].T, maximize=True)
        weights = pull(centroids, sizes)
        best, least = chosen, mismatch(weights, signs[chosen])
        for _ in range(ROUNDS):
            _, chosen = linear_sum_assignment(
                (weights @ signs[chosen]) @ signs.T, maximize=True
            )
            now = mismatch(weights, signs[chosen])
            if now >= least:
                break
            best, least = chosen, now
        return (signs[best] > 0).astype(np.uint8)


def pull(centroids: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Returns how much two clusters should be near, `w_i w_j (s_ij - s)`, [k, k]."""
    of_unit_length = normalize(centroids)
    cosines = of_unit_length @ of_unit_length.T
    roots = np.sqrt(sizes)
    both = np.outer(roots, roots)
    np.fill_diagonal(both, 0)
    return both * (cosines - (both * cosines).sum() / max(both.sum(), 1e-12))


def mismatch(weights: np.ndarray, signs: np.ndarray) -> float:
    """Returns `sum_ij weights_ij h_ij` of codes given as -1 and 1, [k, bits]."""
    distances = (signs.shape[1] - signs @ signs.T) / 2
    return float((weights * distances).sum())


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
