from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from baselines.hash_network import HashNetwork
from baselines.neural_baseline import NeuralBaseline
from wish_tf.errors import InputError
from wish_tf.layers.topic_space import all_codes
from wish_tf.types import Csr

MOST_BITS = 12


class AMMI(NeuralBaseline):
    """Maximal mutual information of text and code, with the exact entropy of codes.

    There is no decoder, and the encoder is linear in the tf-idf row: the information
    `H(Z) - H(Z | x)` grows when each text's bits are certain and the corpus uses all
    codes alike. As with the authors, H(Z) counts twice, the learning rate is 0.01 and
    weights start between -0.1 and 0.1. They bound H(Z) from above by an adversary and,
    where bits are few, can enumerate the codes; that is done here, over batches of
    1,000 for their 16, since a batch of n texts can show no more than log n of entropy.
    They choose the epoch by the labels of validation texts, which no method does here.

    Reference: Stratos and Wiseman, "Learning discrete structured representations by
    adversarially maximizing mutual information", ICML 2020.

    Raises:
        InputError: for more than 12 bits.
    """

    epochs = 40
    batch_size = 1000
    learning_rate = 0.01

    def __init__(self, bits: int, *, seed: int = 0, epochs: int | None = None):
        super().__init__(bits, seed=seed, epochs=epochs)
        if bits > MOST_BITS:
            raise InputError(
                f"expected at most {MOST_BITS} bits, as all codes are enumerated; got "
                f"{bits}"
            )

    def _network(self, rows: Csr) -> AMMINetwork:
        return AMMINetwork(self.bits, rows.shape[1])


class AMMINetwork(HashNetwork):
    """The network of AMMI: the probabilities of the bits.

    Args:
        bits: length of a code.
        vocabulary_size: number of words.
    """

    entropy_weight = 2.0

    def __init__(self, bits: int, vocabulary_size: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(vocabulary_size, bits),
            initializer=keras.initializers.RandomUniform(-0.1, 0.1),
        )
        self.bias = self.add_weight(name="bias", shape=(bits,), initializer="zeros")

    def call(self, inputs: tf.SparseTensor, training: bool = False) -> tf.Tensor:
        product = tf.sparse.sparse_dense_matmul(inputs, self.kernel.value)
        return tf.sigmoid(product + self.bias)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        losses = bit_entropies(outputs) - self.entropy_weight * code_entropy(outputs)
        return losses, losses


def bit_entropies(probabilities: tf.Tensor) -> tf.Tensor:
    """Returns H(Z | x) of independent bits in nats, [n]."""
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    return -tf.reduce_sum(p * tf.math.log(p) + (1 - p) * tf.math.log(1 - p), axis=1)


def code_entropy(probabilities: tf.Tensor) -> tf.Tensor:
    """Returns H(Z) of the mean distribution of codes over a batch in nats.

    A code's probability is the product of what its halves have, so the mean over
    texts is one product of two matrices [n, 2^(bits/2)].

    Args:
        probabilities: of the bits, float [n, bits].
    """
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    half = p.shape[1] // 2
    low, high = half_table(p[:, :half]), half_table(p[:, half:])
    n = tf.cast(tf.shape(p)[0], p.dtype)
    mean = tf.matmul(high, low, transpose_a=True) / n
    return -tf.reduce_sum(mean * tf.math.log(mean + 1e-30))


def half_table(p: tf.Tensor) -> tf.Tensor:
    """Returns the probability of each code of some bits, [n, 2^bits]."""
    codes = all_codes(p.shape[1])
    return tf.exp(
        tf.matmul(tf.math.log(p), codes, transpose_b=True)
        + tf.matmul(tf.math.log(1 - p), 1 - codes, transpose_b=True)
    )
