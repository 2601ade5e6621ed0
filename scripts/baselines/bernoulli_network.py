from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from baselines.perceptron_network import PerceptronNetwork
from baselines.softmax_decoder import SoftmaxDecoder
from baselines.vdsh import present
from wish_tf.layers import StraightThroughBernoulli
from wish_tf.types import Csr


class BernoulliNetwork(PerceptronNetwork):
    """An autoencoder with drawn bits, a linear softmax decoder and present words.

    The decoder sees `z - 1/2`: from `z` itself, training finds it cheapest to switch
    bits off for good. That moves a constant to the decoder's bias and is the same
    model.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
        hidden_units: widths of the hidden layers.
        dropout: share of the last hidden layer's units dropped in training.
    """

    def __init__(
        self,
        bits: int,
        rows: Csr,
        hidden_units: Sequence[int],
        dropout: float,
        **kwargs: Any,
    ):
        super().__init__(rows.shape[1], hidden_units, dropout, **kwargs)
        self.probabilities = keras.layers.Dense(bits, "sigmoid")
        self.sampler = StraightThroughBernoulli()
        self.sampler.build((None, bits))
        self.decoder = SoftmaxDecoder(
            np.bincount(rows.indices, minlength=rows.shape[1])
        )
        self.decoder.build((None, bits))

    def log_likelihood(self, x: tf.SparseTensor, codes: tf.Tensor) -> tf.Tensor:
        """Returns what the decoder says of the words that are there, [n].

        Args:
            x: rows, [n, vocabulary].
            codes: what is decoded, around 0, [n, bits].
        """
        return self.decoder.log_likelihood(codes, present(x))
