from __future__ import annotations

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from baselines.baseline import Baseline
from baselines.binarisers import (
    Binariser,
    ClusterNumbers,
    ITQRotation,
    RandomPlanes,
)
from wish_tf.types import Csr

DIMENSIONS = 100


class LsaBaseline(Baseline):
    """A baseline that cuts an LSA space of 100 dimensions to bits.

    `binariser` is a class of `baselines.binarisers`.
    """

    binariser: type[Binariser]

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        dimensions = max(1, min(DIMENSIONS, min(rows.shape) - 1))
        self._lsa = TruncatedSVD(dimensions, random_state=self.seed).fit(rows)
        self._binariser = self.binariser(self.bits, self.seed).fit(self._points(rows))

    def _transform(self, rows: Csr) -> np.ndarray:
        return self._binariser.bits_of(self._points(rows))

    def _points(self, rows: Csr) -> np.ndarray:
        return normalize(self._lsa.transform(rows))


class ITQ(LsaBaseline):
    """Iterative quantisation of an LSA space (see `ITQRotation`)."""

    binariser = ITQRotation


class KMeansHash(LsaBaseline):
    """2^bits-means of an LSA space, up to 12 bits (see `ClusterNumbers`)."""

    binariser = ClusterNumbers


class LSH(LsaBaseline):
    """Random planes through the mean of an LSA space (see `RandomPlanes`)."""

    binariser = RandomPlanes
