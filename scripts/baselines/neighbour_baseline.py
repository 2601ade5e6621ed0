from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import tensorflow as tf

from baselines.softmax_decoder import SoftmaxDecoder
from baselines.vdsh import VDSH, GaussianNetwork
from wish_tf.types import Csr


class NeighbourBaseline(VDSH):
    """VDSH with a second decoder, which rebuilds a row's neighbourhood.

    What that is, a set of things for each row, is what its subclasses differ in.
    """

    @abstractmethod
    def _neighbourhoods(self, rows: Csr, training_rows: Csr) -> Csr:
        """Returns what the second decoder rebuilds, 0/1 CSR float32 [n, any].

        Args:
            rows: as in `_targets`.
            training_rows: as in `_targets`.
        """

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        # Both the network and its batches need these.
        self._training_targets = self._neighbourhoods(rows, rows)
        super()._fit(rows, validation_rows)
        del self._training_targets

    def _network(self, rows: Csr) -> NeighbourNetwork:
        return NeighbourNetwork(
            self.bits, rows, self._steps(rows), self._training_targets
        )

    def _targets(self, rows: Csr, training_rows: Csr) -> Csr:
        if rows is training_rows:
            return self._training_targets
        return self._neighbourhoods(rows, training_rows)


class NeighbourNetwork(GaussianNetwork):
    """The Gaussian network of VDSH with a decoder more, of the same code.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
        steps: how many steps the training takes at most.
        targets: what the second decoder rebuilds of them, 0/1 CSR [n, any].
    """

    def __init__(self, bits: int, rows: Csr, steps: int, targets: Csr, **kwargs: Any):
        super().__init__(bits, rows, steps, **kwargs)
        self.second_decoder = SoftmaxDecoder(
            np.bincount(targets.indices, minlength=targets.shape[1])
        )
        self.second_decoder.build((None, bits))

    def log_likelihood(
        self, codes: tf.Tensor, x: tf.SparseTensor, y: tf.SparseTensor
    ) -> tf.Tensor:
        """Returns what the two decoders say of words and neighbourhood, [n]."""
        own = super().log_likelihood(codes, x, y)
        return own + self.second_decoder.log_likelihood(codes, y)
