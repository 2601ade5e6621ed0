from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.layers.noise import Noise, split_seed
from wish_tf.layers.sparse_dense import SparseDense
from wish_tf.layers.word_dropout import WordDropout
from wish_tf.types import Shape


@keras.saving.register_keras_serializable(package="wish_tf")
class BernoulliEncoder(keras.layers.Layer):
    """The inference network: tf-idf rows to the probability of each bit.

    A multilayer perceptron with ReLU units, dropout after its last hidden
    layer, and a sigmoid: `p = sigmoid(r(d))` (paper, sections 3.3.1 and 4.4). With a
    mixed `dtype` the hidden layers behind the first compute in half precision.

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
        seed: int or None. Seed of the initial weights and of what is left out. With
            None they follow `keras.utils.set_random_seed`.

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
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not len(hidden_units):
            raise InputError("expected hidden_units to name a width; got none")
        self.supports_jit = False  # XLA has no sparse operations.
        self.autocast = False
        self.bits = bits
        self.hidden_units = tuple(map(int, hidden_units))
        self.dropout = dropout
        self.dropout_when_hashing = dropout_when_hashing
        self.word_dropout = word_dropout
        self.word_scale = word_scale
        self.seed = seed
        seeds = split_seed(seed, 3 + len(self.hidden_units))
        self._word_dropout = WordDropout(
            word_dropout, seeds[0], name="word_dropout", dtype=self.variable_dtype
        )
        self._noise = Noise(seeds[1])
        self.words = SparseDense(
            self.hidden_units[0],
            keras.initializers.RandomNormal(stddev=word_scale, seed=seeds[2]),
            name="words",
            dtype=self.variable_dtype,
        )
        self._hidden = [
            keras.layers.Dense(
                units,
                "relu",
                kernel_initializer=keras.initializers.HeNormal(seeds[i + 1]),
                name=f"hidden_{i}",
                dtype=self.dtype_policy,
            )
            for i, units in enumerate(self.hidden_units[1:], start=2)
        ]
        self._bits = keras.layers.Dense(
            bits,
            "sigmoid",
            kernel_initializer=keras.initializers.LecunNormal(seeds[-1]),
            name="bits",
            dtype=self.variable_dtype,
        )

    def build(self, input_shape: Shape) -> None:
        self.input_spec = keras.InputSpec(ndim=2, axes={-1: input_shape[-1]})
        self.words.build(input_shape)
        width = self.hidden_units[0]
        for layer in self._hidden:
            layer.build((None, width))
            width = layer.units
        self._bits.build((None, width))

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        words = self.words(self._word_dropout(inputs, training=training))
        hidden = self._last_hidden(words)
        if self.dropout > 0 and (training or self.dropout_when_hashing):
            # Not the layer of Keras, which drops the same units on every replica.
            kept = self._noise.uniform(tf.shape(hidden), hidden.dtype) >= self.dropout
            hidden = tf.where(kept, hidden / (1 - self.dropout), 0)
        return self._bits(hidden)

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
            "seed": self.seed,
        }
