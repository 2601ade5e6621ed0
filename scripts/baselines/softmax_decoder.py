from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.layers.softmax_log_likelihood import softmax_log_likelihood
from wish_tf.types import Shape


class SoftmaxDecoder(keras.layers.Layer):
    """A linear softmax decoder, codes to word probabilities: softmax(z R + b).

    Args:
        totals: the weight of each word over the training rows, float
            [vocabulary]; b starts at the log frequencies.

    Input shape: float [n, units].
    Output shape: word probabilities, float [n, vocabulary].
    """

    def __init__(self, totals: np.ndarray, **kwargs: Any):
        super().__init__(**kwargs)
        # A word that never occurs gets a hundredth of the rarest one's weight.
        totals = np.maximum(totals, 0.01 * totals[totals > 0].min())
        self._log_frequencies = np.log(totals / totals.sum()).astype(np.float32)

    def build(self, input_shape: Shape) -> None:
        width = len(self._log_frequencies)
        self.words = self.add_weight(
            name="words",
            shape=(input_shape[-1], width),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
        )
        self.bias = self.add_weight(name="bias", shape=(width,), initializer="zeros")
        self.bias.assign(self._log_frequencies)

    def call(self, codes: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(tf.matmul(codes, self.words.value) + self.bias)

    def log_likelihood(self, codes: tf.Tensor, rows: tf.SparseTensor) -> tf.Tensor:
        """Returns `sum_w x_w log P(w | z)`, [n].

        Args:
            codes: float [n, units].
            rows: word weights x, sparse [n, vocabulary].
        """
        return softmax_log_likelihood(codes, self.words.value, self.bias.value, rows)
