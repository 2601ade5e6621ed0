from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from wish_tf.layers import SparseDense


class HashNetwork(keras.Model):
    """What the networks of the baselines have in common.

    A perceptron over sparse rows with ReLU units and dropout after the last hidden
    layer, what `head` makes of it, and a loss of its own. `predict` gives what is
    thresholded to bits.

    Args:
        vocabulary_size: number of words.
        hidden_units: widths of the hidden layers.
        dropout: share of the last hidden layer's units dropped in training.
        word_scale: standard deviation of the first layer's initial weights; by
            default that of `SparseDense`, right for rows of length 1.

    Input: `tf.SparseTensor` [n, vocabulary_size].
    """

    def __init__(
        self,
        vocabulary_size: int,
        hidden_units: Sequence[int],
        dropout: float,
        word_scale: float = 2**0.5,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        # XLA has no sparse operations, and Keras would use it on a GPU.
        self.supports_jit = False
        self.words = SparseDense(
            hidden_units[0], keras.initializers.RandomNormal(stddev=word_scale)
        )
        self.words.build((None, vocabulary_size))
        self.hidden = [
            keras.layers.Dense(units, "relu", kernel_initializer="he_normal")
            for units in hidden_units[1:]
        ]
        self.dropout = keras.layers.Dropout(dropout)
        self._objective = keras.metrics.Mean("objective")

    @abstractmethod
    def head(
        self, hidden: tf.Tensor, training: bool
    ) -> tf.Tensor | tuple[tf.Tensor, ...]:
        """Returns what the loss is computed from; its first or only part is what
        is thresholded, float [n, bits]."""

    @abstractmethod
    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the loss of each row as trained, and with the weights of all
        terms at their ends, by which epochs are compared: two float [n].

        Args:
            x: the rows that were seen, `tf.SparseTensor` [n, vocabulary].
            y: what `NeuralBaseline._targets` made of them.
            outputs: of `head`.
            training: whether noise is drawn.
        """

    def call(
        self, inputs: tf.SparseTensor, training: bool = False
    ) -> tf.Tensor | tuple[tf.Tensor, ...]:
        hidden = self.words(inputs, training=training)
        for layer in self.hidden:
            hidden = layer(hidden)
        return self.head(self.dropout(hidden, training=training), training)

    def compute_loss(
        self,
        x: tf.SparseTensor | None = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        losses, final = self.losses_of(x, y, y_pred, training)
        self._objective.update_state(-final)
        return tf.reduce_mean(losses)

    def predict_step(self, data: Any) -> tf.Tensor:
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        outputs = self(x, training=False)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def annealed(self, step: float, most: float = 1.0, start: float = 0.0) -> tf.Tensor:
        """Returns a weight that grows by `step` an iteration from `start` to `most`."""
        iterations = tf.cast(self.optimizer.iterations, tf.float32)
        return tf.minimum(start + step * iterations, most)
