from __future__ import annotations

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from wish_tf.baselines.baseline import Baseline
from wish_tf.baselines.binarisers import Binariser
from wish_tf.types import Csr

DIMENSIONS = 100


class LsaBaseline(Baseline):
    """A baseline that cuts an LSA space of 100 dimensions to bits.

    `binariser` is a class of `wish_tf.baselines.binarisers`.
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
