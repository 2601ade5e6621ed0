from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from wish_tf.layers.sparse_dense import SparseDense
from wish_tf.layers.word_dropout import WordDropout
from wish_tf.types import Shape


@keras.saving.register_keras_serializable(package="wish_tf")
class BernoulliEncoder(keras.layers.Layer):
    """The inference network: tf-idf rows to the probability of each bit.

    A multilayer perceptron with ReLU units, dropout after its last hidden
    layer, and a sigmoid: `p = sigmoid(r(d))` (paper, sections 3.3.1 and 4.4).

    Args:
        bits: number of hash bits.
        hidden_units: widths of the hidden layers, at least one.
        dropout: share of the last hidden layer's units dropped in training.
        dropout_when_hashing: whether that dropout stays on outside of training,
            as in the paper's public code; codes are then random.
        word_dropout: share of a document's words left out in training.
        word_scale: standard deviation of the first layer's initial weights. By
            default 2^0.5: a row of L2-normalised tf-idf has norm 1 however many
            words it holds.

    Input shape: `tf.SparseTensor` or dense, float [n, vocabulary].
    Output shape: probabilities, float [n, bits].

    Examples:
        >>> import numpy as np
        >>> encoder = BernoulliEncoder(bits=3, hidden_units=(8,))
        >>> probabilities = encoder(np.eye(5, dtype="float32"))
        >>> tuple(probabilities.shape)
        (5, 3)
    """

    def __init__(
        self,
        bits: int,
        hidden_units: Sequence[int] = (1000, 1000),
        dropout: float = 0.2,
        dropout_when_hashing: bool = False,
        word_dropout: float = 0.0,
        word_scale: float = 2**0.5,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not hidden_units:
            raise ValueError(
                "`hidden_units` should name at least one width. "
                f"Received: hidden_units={hidden_units}"
            )
        self.bits = bits
        self.hidden_units = tuple(hidden_units)
        self.dropout = dropout
        self.dropout_when_hashing = dropout_when_hashing
        self.word_dropout = word_dropout
        self.word_scale = word_scale
        self._word_dropout = WordDropout(word_dropout, name="word_dropout")
        self.words = SparseDense(
            self.hidden_units[0],
            keras.initializers.RandomNormal(stddev=word_scale),
            name="words",
        )
        self._hidden = [
            keras.layers.Dense(
                units, "relu", kernel_initializer="he_normal", name=f"hidden_{i}"
            )
            for i, units in enumerate(self.hidden_units[1:], start=2)
        ]
        self._dropout = keras.layers.Dropout(dropout, name="dropout")
        self._bits = keras.layers.Dense(
            bits, "sigmoid", kernel_initializer="lecun_normal", name="bits"
        )

    def build(self, input_shape: Shape) -> None:
        self.words.build(input_shape)
        width = self.hidden_units[0]
        for layer in self._hidden:
            layer.build((None, width))
            width = layer.units
        self._dropout.build((None, width))
        self._bits.build((None, width))

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        words = self.words(self._word_dropout(inputs, training=training))
        drop = training or self.dropout_when_hashing
        return self._bits(self._dropout(self._last_hidden(words), training=drop))

    def probabilities(self, rows: tf.SparseTensor) -> tf.Tensor:
        """Returns the probabilities of `call`, without any dropout, on all cores.

        The first layer runs as in training. Outside of training it keeps to the
        operation that every server knows, and takes most of the time.

        Args:
            rows: tf-idf rows, float32 [n, vocabulary].

        Returns:
            Float32 [n, bits].
        """
        return self._bits(self._last_hidden(self.words(rows, training=True)))

    def _last_hidden(self, words: tf.Tensor) -> tf.Tensor:
        hidden = words
        for layer in self._hidden:
            hidden = layer(hidden)
        return hidden

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "bits": self.bits,
            "hidden_units": list(self.hidden_units),
            "dropout": self.dropout,
            "dropout_when_hashing": self.dropout_when_hashing,
            "word_dropout": self.word_dropout,
            "word_scale": self.word_scale,
        }
