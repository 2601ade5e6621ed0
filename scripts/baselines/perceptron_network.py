from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from baselines.hash_network import HashNetwork
from wish_tf.layers import SparseDense


class PerceptronNetwork(HashNetwork):
    """A perceptron over sparse rows, and what `head` makes of its last layer.

    It has ReLU units, and dropout after the last hidden layer.

    Args:
        vocabulary_size: number of words.
        hidden_units: widths of the hidden layers.
        dropout: share of the last hidden layer's units dropped in training.
    """

    # The kind of the first layer.
    words_layer = SparseDense

    def __init__(
        self,
        vocabulary_size: int,
        hidden_units: Sequence[int],
        dropout: float,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.words = self.words_layer(hidden_units[0])
        self.words.build((None, vocabulary_size))
        self.hidden = [
            keras.layers.Dense(units, "relu", kernel_initializer="he_normal")
            for units in hidden_units[1:]
        ]
        self.dropout = keras.layers.Dropout(dropout)

    @abstractmethod
    def head(
        self, hidden: tf.Tensor, training: bool
    ) -> tf.Tensor | tuple[tf.Tensor, ...]:
        """Returns what `call` does, of the last hidden layer [n, units]."""

    def call(
        self, inputs: tf.SparseTensor, training: bool = False
    ) -> tf.Tensor | tuple[tf.Tensor, ...]:
        hidden = self.words(inputs, training=training)
        for layer in self.hidden:
            hidden = layer(hidden)
        return self.head(self.dropout(hidden, training=training), training)
