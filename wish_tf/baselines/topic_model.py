from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wish_tf.baselines.baseline import Baseline
from wish_tf.types import Csr


class TopicModel(Baseline):
    """A topic a bit, by a decomposition of scikit-learn.

    A bit is on where its topic's weight in the text is among the heaviest of the
    training texts: half of them, unless `share_on` is set to another share.

    Attributes:
        share_on: share of the training texts in which each bit is on; it is on in
            fewer where more of them have a weight of 0.
    """

    share_on = 0.5

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        self._model = self._new().fit(self._input(rows))
        self._weights = self.weights(rows)

    def _transform(self, rows: Csr) -> NDArray[np.uint8]:
        least = np.quantile(self._weights, 1 - self.share_on, axis=0)
        return (self.weights(rows) > least).astype(np.uint8)

    def weights(self, rows: Csr) -> NDArray[np.floating]:
        """Returns the weight of each topic in each text, float [n, bits]."""
        return np.asarray(self._model.transform(self._input(rows)))

    def topics(self, words: int) -> NDArray[np.int64]:
        """Returns the words of most weight in each topic, int [bits, words].

        Args:
            words: how many.
        """
        order = np.argsort(-self._model.components_, axis=1, kind="stable")
        return order[:, :words]

    @abstractmethod
    def _new(self) -> Any:
        """Returns the decomposition, to be fitted."""

    def _input(self, rows: Csr) -> Csr:
        """Returns what is decomposed."""
        return rows
