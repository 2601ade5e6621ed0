"""WISH as a Keras user would write it: dense layers, `keras.optimizers.Adam`.

The same model as the package's, from Keras' own layers: every row is made dense,
every weight has a dense gradient, and the whole softmax is written out.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from wish_tf.data import csr_dataset
from wish_tf.layers import StraightThroughBernoulli
from wish_tf.models.wish import bernoulli_kl
from wish_tf.regularizers import OrthogonalityRegularizer

TOPIC_DIM = 100
HIDDEN = 1000
DROPOUT = 0.2
KL_STEP = 5e-6


class DenseWISH(keras.Model):
    """The model; `fit` takes batches of `dense_batches`.

    Args:
        bits: number of hash bits.
        rows: the training rows, CSR [n, vocabulary]; their word frequencies are
            where the decoder's bias starts, as in the package.
    """

    def __init__(self, bits: int, rows):
        super().__init__()
        # As the package's: a tf-idf row has norm 1 however many words it holds.
        words = keras.initializers.RandomNormal(stddev=2**0.5)
        self.encoder = keras.Sequential(
            [
                keras.layers.Dense(HIDDEN, "relu", kernel_initializer=words),
                keras.layers.Dense(HIDDEN, "relu", kernel_initializer="he_normal"),
                keras.layers.Dropout(DROPOUT),
                keras.layers.Dense(bits, "sigmoid"),
            ]
        )
        self.encoder.build((None, rows.shape[1]))
        self.sampler = StraightThroughBernoulli()
        self.sampler.build((None, bits))
        self.topics = keras.layers.Dense(
            TOPIC_DIM,
            use_bias=False,
            kernel_initializer="orthogonal",
            kernel_regularizer=OrthogonalityRegularizer(1.0),
        )
        self.topics.build((None, bits))
        totals = np.asarray(rows.sum(axis=0), np.float64).ravel()
        totals = np.maximum(totals, 0.01 * totals[totals > 0].min())
        self.words = keras.layers.Dense(
            rows.shape[1],
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.1),
            bias_initializer=lambda shape, dtype=None: np.log(totals / totals.sum()),
        )
        self.words.build((None, TOPIC_DIM))
        self.built = True

    def call(self, inputs, training: bool = False):
        return self.encoder(inputs, training=training)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        bits = self.sampler(y_pred, training=training)
        log_words = tf.nn.log_softmax(self.words(self.topics(bits - 0.5)))
        reconstruction = -tf.reduce_sum(x * log_words, axis=1)
        iterations = tf.cast(self.optimizer.iterations, tf.float32)
        kl = tf.minimum(KL_STEP * iterations, 1.0) * bernoulli_kl(y_pred)
        return tf.reduce_mean(reconstruction + kl) + tf.add_n(self.losses)

    def encode(self, matrix) -> np.ndarray:
        """Returns the codes of CSR rows, uint8 0/1 [n, bits], without noise."""
        # Sparse, to save time of the benchmark: this is not what it measures.
        kernel, bias = self.encoder.layers[0].get_weights()
        hidden = np.maximum(matrix @ kernel + bias, 0)
        for layer in self.encoder.layers[1:]:
            hidden = layer(hidden, training=False)
        return (hidden.numpy() > 0.5).astype(np.uint8)


def dense_batches(rows, batch_size: int) -> tf.data.Dataset:
    """Returns batches of CSR rows, made dense one after the other."""
    return csr_dataset(rows, batch_size).map(tf.sparse.to_dense).prefetch(2)
