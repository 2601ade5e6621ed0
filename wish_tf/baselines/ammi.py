from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from wish_tf.baselines.hash_network import HashNetwork
from wish_tf.baselines.neural_baseline import NeuralBaseline
from wish_tf.baselines.vdsh import present
from wish_tf.errors import InputError
from wish_tf.training.code_table import all_codes
from wish_tf.types import Csr

MOST_BITS = 12


class AMMI(NeuralBaseline):
    """Maximal mutual information of text and code, with the exact entropy of codes.

    There is no decoder: the information `H(Z) - H(Z | x)` grows when each text's
    bits are certain and the corpus uses all codes alike. The authors bound H(Z)
    from above by an adversary and, where bits are few, can enumerate the codes; that
    is done here, over batches of 1,000, since a batch of n texts can show no more
    than log n of entropy. The input says which words are present.

    Reference: Stratos and Wiseman, "Learning discrete structured representations by
    adversarially maximizing mutual information", ICML 2020.

    Raises:
        InputError: for more than 12 bits.
    """

    epochs = 100
    batch_size = 1000

    def __init__(self, bits: int, *, seed: int = 0, epochs: int | None = None):
        super().__init__(bits, seed=seed, epochs=epochs)
        if bits > MOST_BITS:
            raise InputError(
                f"expected at most {MOST_BITS} bits, as all codes are enumerated; got "
                f"{bits}"
            )

    def _network(self, rows: Csr) -> AMMINetwork:
        return AMMINetwork(self.bits, rows)


class AMMINetwork(HashNetwork):
    """The network of AMMI.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
    """

    def __init__(self, bits: int, rows: Csr, **kwargs: Any):
        words = rows.nnz / rows.shape[0]
        super().__init__(
            rows.shape[1], (500,), dropout=0.1, word_scale=(2 / words) ** 0.5, **kwargs
        )
        self.probabilities = keras.layers.Dense(bits, "sigmoid")

    def call(self, inputs: tf.SparseTensor, training: bool = False) -> tf.Tensor:
        return super().call(present(inputs), training=training)

    def head(self, hidden: tf.Tensor, training: bool) -> tf.Tensor:
        return self.probabilities(hidden)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        losses = bit_entropies(outputs) - code_entropy(outputs)
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
