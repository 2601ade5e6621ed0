from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.data import as_sparse_rows
from wish_tf.types import Shape

# Of a square, below which a length counts as none.
EPSILON = 1e-12


@keras.saving.register_keras_serializable(package="wish_tf")
class TopicSpace(keras.layers.Layer):
    """A space in which texts about the same thing are close.

    One decoder of WISH with a few bits is a coarse and a chancy view of a corpus.
    Several of them see much more: the probabilities of all their bits, given a text,
    are the coordinates here. Where texts are short, LSA adds to it, so it has a part
    as well. A text is a unit vector: cosines are what says how close two are.

    The weights are set by `wish_tf.training.topic_space.fit_space`.

    Args:
        decoders: how many decoders.
        bits: of each.
        lsa_dimensions: width of the LSA part.
        lsa_weight: of its length against that of the topics.

    Input: tf-idf rows, `tf.SparseTensor` or dense [n, vocabulary].
    Output: points, float32 [n, decoders x bits + lsa_dimensions], of length 1; 0 for a
        row without words.
    """

    def __init__(
        self,
        decoders: int,
        bits: int,
        lsa_dimensions: int,
        lsa_weight: float,
        **kwargs: Any,
    ):
        # The space was learned in this precision.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.supports_jit = False  # XLA has no sparse operations.
        self.decoders = decoders
        self.bits = bits
        self.lsa_dimensions = lsa_dimensions
        self.lsa_weight = lsa_weight
        self._codes = all_codes(bits)

    @property
    def width(self) -> int:
        """The number of coordinates."""
        return self.decoders * self.bits + self.lsa_dimensions

    def build(self, input_shape: Shape) -> None:
        topics = self.decoders * self.bits
        # What each word says for each topic of each decoder, and its place in LSA.
        self.directions = self.add_weight(
            name="directions",
            shape=(input_shape[-1], self.width),
            initializer="zeros",
            trainable=False,
        )
        # The log partition functions of the decoders' codes.
        self.partitions = self.add_weight(
            name="partitions",
            shape=(self.decoders, 2**self.bits),
            initializer="zeros",
            trainable=False,
        )
        self.middle = self.add_weight(
            name="middle", shape=(topics,), initializer="zeros", trainable=False
        )

    def call(self, inputs: tf.SparseTensor | tf.Tensor) -> tf.Tensor:
        along, probabilities = self.coordinates(inputs)
        lsa = along[:, self.decoders * self.bits :]
        parts = [_unit(probabilities - self.middle), self.lsa_weight * _unit(lsa)]
        # A text without words is nowhere, and not where decoders expect it.
        there = tf.cast(tf.reduce_any(along != 0, axis=1, keepdims=True), tf.float32)
        return there * _unit(tf.concat(parts, axis=1))

    def coordinates(
        self, inputs: tf.SparseTensor | tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns rows along the directions, [n, width], and the probabilities of the
        decoders' bits, [n, decoders x bits]."""
        rows = as_sparse_rows(inputs)
        along = tf.sparse.sparse_dense_matmul(rows, self.directions)
        topics = self.decoders * self.bits
        evidence = tf.reshape(along[:, :topics], [-1, self.decoders, self.bits])
        sums = tf.math.unsorted_segment_sum(
            rows.values, rows.indices[:, 0], rows.dense_shape[0]
        )
        posterior = tf.nn.softmax(
            tf.matmul(evidence, self._codes - 0.5, transpose_b=True)
            - sums[:, tf.newaxis, tf.newaxis] * self.partitions
        )
        return along, tf.reshape(tf.matmul(posterior, self._codes), [-1, topics])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "decoders": self.decoders,
            "bits": self.bits,
            "lsa_dimensions": self.lsa_dimensions,
            "lsa_weight": self.lsa_weight,
        }


def all_codes(bits: int) -> np.ndarray:
    """Returns every code, float32 0/1 [2^bits, bits]; bit i of row c is
    `(c >> i) & 1`."""
    return (np.arange(2**bits)[:, None] >> np.arange(bits) & 1).astype(np.float32)


def _unit(vectors: tf.Tensor) -> tf.Tensor:
    return tf.math.l2_normalize(vectors, axis=1, epsilon=EPSILON)
