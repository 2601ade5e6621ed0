from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from wish_tf.data import as_sparse_rows, row_sums
from wish_tf.regularizers import OrthogonalityRegularizer


@tf.custom_gradient
def _log_partition(selection: tf.Tensor, table: tf.Tensor):
    """log sum_v exp(selection table), [n], for selection [n, m], table [m, v].

    Written out for two reasons. Documents with the same code have the same
    logits, so only the distinct rows of `selection` are worked out: at l bits
    2^l at most. And the exponentials, the one large array here, are made once
    and never scaled: the small matrices beside them are.
    """
    distinct, code = tf.raw_ops.UniqueV2(x=selection, axis=[0])
    logits = tf.matmul(distinct, table)
    peak = tf.reduce_max(logits, axis=1, keepdims=True)
    weights = tf.exp(logits - peak)
    total = tf.reduce_sum(weights, axis=1, keepdims=True)

    def gradient(upstream: tf.Tensor):
        # A document's own row gets its own upstream; the table gets, for each
        # code, the sum over its documents.
        expected = tf.matmul(weights, table, transpose_b=True) / total
        by_code = tf.math.unsorted_segment_sum(upstream, code, tf.shape(distinct)[0])
        scale = by_code[:, tf.newaxis] / total
        return (
            tf.gather(expected, code) * upstream[:, tf.newaxis],
            tf.matmul(distinct * scale, weights, transpose_a=True),
        )

    return tf.gather(peak + tf.math.log(total), code)[:, 0], gradient


@keras.saving.register_keras_serializable(package="wish_tf")
class TopicSelection(keras.layers.Layer):
    """The generative network: selected topic vectors to word probabilities.

    `P(w | z) = softmax(E g(T_z) + b)`, where `g` is the sum or the mean of the
    topic vectors that `z` selects (paper, Eq. 6).

    The selection is centred: it decodes from `z - 1/2` (for the mean, from
    `z / sum(z) - 1/bits`). This moves a constant into the bias `b` and so is
    the paper's model in other coordinates, but without it the cheapest first
    step of training is to switch every bit off for every document, from which
    it does not recover.

    Args:
        vocabulary_size: number of words.
        topic_dim: length of a topic vector, at least the number of bits.
        combine: `"sum"` or `"mean"`, the paper's g.
        orthogonality: weight of `||T T' - I||_F^2`, lambda in Eq. 5.
        centred: whether the selection is centred.
        topics_initializer: by default orthogonal rows, at which the penalty
            starts at zero.

    Input shape: selection z of 0. and 1., float [n, bits].
    Output shape: word probabilities, float [n, vocabulary_size].
    """

    def __init__(
        self,
        vocabulary_size: int,
        topic_dim: int = 100,
        combine: str = "sum",
        orthogonality: float = 1.0,
        centred: bool = True,
        topics_initializer="orthogonal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if combine not in ("sum", "mean"):
            raise ValueError(
                f'`combine` should be "sum" or "mean". Received: combine={combine!r}'
            )
        self.vocabulary_size = vocabulary_size
        self.topic_dim = topic_dim
        self.combine = combine
        self.orthogonality = orthogonality
        self.centred = centred
        self.topics_initializer = keras.initializers.get(topics_initializer)

    def build(self, input_shape) -> None:
        bits = input_shape[-1]
        if self.topic_dim < bits:
            raise ValueError(
                "`topic_dim` should be at least the number of bits, since topic "
                "vectors are kept orthogonal. "
                f"Received: topic_dim={self.topic_dim}, bits={bits}"
            )
        self.topics = self.add_weight(
            name="topics",
            shape=(bits, self.topic_dim),
            initializer=self.topics_initializer,
            regularizer=OrthogonalityRegularizer(self.orthogonality),
        )
        self.embedding = self.add_weight(
            name="embedding",
            shape=(self.topic_dim, self.vocabulary_size),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.vocabulary_size,), initializer="zeros"
        )

    def topic_words(self) -> tf.Tensor:
        """Returns what each topic adds to each word's logit, [bits, vocabulary].

        T E is formed first: with few bits, selecting from its rows costs a
        tenth of multiplying every document's topic sum by E.
        """
        return tf.matmul(self.topics.value, self.embedding.value)

    def set_topic_words(self, words, bias) -> None:
        """Makes the decoder one with given topics: T E = words.

        Args:
            words: what each topic adds to each word's logit, float
                [bits, vocabulary].
            bias: float [vocabulary].
        """
        # With orthonormal rows T T' = I, so E = T' words.
        rows, _ = np.linalg.qr(self.topics.numpy().T)
        self.topics.assign(rows.T)
        self.embedding.assign(rows @ words)
        self.bias.assign(bias)

    def call(self, selection):
        weights = self._centred(selection)
        return tf.nn.softmax(tf.matmul(weights, self.topic_words()) + self.bias)

    def log_likelihood(self, selection, rows) -> tf.Tensor:
        """Returns `sum_w x_w log P(w | z)` for each document, [n] (Eq. 2).

        The logits are needed at the documents' own words only, besides one
        log-sum-exp a document.

        Args:
            selection: bits z, float [n, bits].
            rows: word weights x, sparse or dense [n, vocabulary].
        """
        rows = as_sparse_rows(rows)
        weights = self._centred(selection)
        # The bias is one more topic, which every document selects.
        weights = tf.concat([weights, tf.ones_like(weights[:, :1])], axis=1)
        table = tf.concat([self.topic_words(), self.bias.value[tf.newaxis]], axis=0)
        evidence = tf.sparse.sparse_dense_matmul(rows, tf.transpose(table))
        return tf.reduce_sum(weights * evidence, axis=1) - row_sums(
            rows
        ) * _log_partition(weights, table)

    def _centred(self, selection) -> tf.Tensor:
        selection = tf.cast(selection, self.topics.dtype)
        middle = 0.5
        if self.combine == "mean":
            chosen = tf.reduce_sum(selection, axis=1, keepdims=True)
            selection /= tf.maximum(chosen, 1.0)
            middle = 1.0 / selection.shape[1]
        return selection - middle if self.centred else selection

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.vocabulary_size)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "topic_dim": self.topic_dim,
            "combine": self.combine,
            "orthogonality": self.orthogonality,
            "centred": self.centred,
            "topics_initializer": keras.initializers.serialize(self.topics_initializer),
        }
