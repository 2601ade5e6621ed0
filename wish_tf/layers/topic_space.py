from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.data import as_sparse_rows, row_sums
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
        lsa_power: of the rows' numbers, which only the LSA part reads so: below 1, a
            word that a text repeats counts for less.

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
        lsa_power: float = 1.0,
        **kwargs: Any,
    ):
        # The space was learned in this precision.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.supports_jit = False  # XLA has no sparse operations.
        self.decoders = decoders
        self.bits = bits
        self.lsa_dimensions = lsa_dimensions
        self.lsa_weight = lsa_weight
        self.lsa_power = lsa_power
        self._codes = all_codes(bits)

    @property
    def width(self) -> int:
        """The number of coordinates."""
        return self.decoders * self.bits + self.lsa_dimensions

    def build(self, input_shape: Shape) -> None:
        topics = self.decoders * self.bits

        def add(name: str, *shape: int | None) -> keras.Variable:
            return self.add_weight(
                name=name, shape=shape, initializer="zeros", trainable=False
            )

        # What each word says for each topic of each decoder.
        self.directions = add("directions", input_shape[-1], topics)
        # The log partition functions of the decoders' codes.
        self.partitions = add("partitions", self.decoders, 2**self.bits)
        self.middle = add("middle", topics)
        # The place of each word in LSA.
        self.lsa = add("lsa", input_shape[-1], self.lsa_dimensions)

    def call(self, inputs: tf.SparseTensor | tf.Tensor) -> tf.Tensor:
        rows = as_sparse_rows(inputs)
        lsa = weighted_sums(rows, self.lsa, rows.values**self.lsa_power)
        topics = _unit(self.probabilities(rows) - self.middle)
        # A text without words is nowhere, and not where decoders expect it.
        there = tf.cast(row_sums(rows) > 0, tf.float32)[:, tf.newaxis]
        return there * _unit(tf.concat([topics, self.lsa_weight * _unit(lsa)], axis=1))

    def probabilities(self, inputs: tf.SparseTensor | tf.Tensor) -> tf.Tensor:
        """Returns the probabilities of the decoders' bits, [n, decoders x bits]."""
        rows = as_sparse_rows(inputs)
        evidence = weighted_sums(rows, self.directions, rows.values)
        # Products of plain matrices, of a row for each text and decoder: those of a
        # matrix a text take several times as long for one text.
        costs = row_sums(rows)[:, tf.newaxis, tf.newaxis] * self.partitions
        posterior = tf.nn.softmax(
            tf.matmul(tf.reshape(evidence, [-1, self.bits]), self._codes.T - 0.5)
            - tf.reshape(costs, [-1, 2**self.bits])
        )
        topics = self.decoders * self.bits
        return tf.reshape(tf.matmul(posterior, self._codes), [-1, topics])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "decoders": self.decoders,
            "bits": self.bits,
            "lsa_dimensions": self.lsa_dimensions,
            "lsa_weight": self.lsa_weight,
            "lsa_power": self.lsa_power,
        }


def weighted_sums(
    rows: tf.SparseTensor, table: tf.Tensor, weights: tf.Tensor
) -> tf.Tensor:
    """Returns the weighted sum of the words of each row, float32 [n, d].

    It is the product of a sparse and a dense matrix, in a third of the time that
    `tf.sparse.sparse_dense_matmul` takes for a batch.

    Args:
        rows: whose entries are in the order of the rows, [n, vocabulary].
        table: what each word stands for, [vocabulary, d].
        weights: of the entries, in place of their values, [entries].
    """
    words = tf.gather(table, rows.indices[:, 1]) * weights[:, tf.newaxis]
    return tf.raw_ops.SparseSegmentSumWithNumSegments(
        data=words,
        indices=tf.range(tf.size(weights)),
        segment_ids=rows.indices[:, 0],
        num_segments=rows.dense_shape[0],
    )


def all_codes(bits: int) -> np.ndarray:
    """Returns every code, float32 0/1 [2^bits, bits]; bit i of row c is
    `(c >> i) & 1`."""
    return (np.arange(2**bits)[:, None] >> np.arange(bits) & 1).astype(np.float32)


def _unit(vectors: tf.Tensor) -> tf.Tensor:
    return tf.math.l2_normalize(vectors, axis=1, epsilon=EPSILON)
