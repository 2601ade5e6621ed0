"""All 2^l codes at once, for codes short enough to be enumerated.

A table has one entry a code; entry c is that of the code whose bit i is
`(c >> i) & 1`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def all_codes(bits: int) -> np.ndarray:
    """Returns every code, float32 0/1 [2^bits, bits]."""
    return (np.arange(2**bits)[:, None] >> np.arange(bits) & 1).astype(np.float32)


def through_channel(table: tf.Tensor, bits: int, flip: tf.Tensor) -> tf.Tensor:
    """Returns the mean of a table's entries over codes with flipped bits.

    Entry z becomes E[table[z']], where each bit of z' is that of z flipped with
    probability `flip`. One bit is mixed at a time, so the cost is l 2^l and no
    matrix [2^l, 2^l] is made.

    Args:
        table: float [2^bits].
        bits: length of a code.
        flip: scalar from 0 to 1/2.
    """
    for bit in range(bits):
        pairs = tf.reshape(table, [-1, 2, 2**bit])
        table = tf.reshape((1 - flip) * pairs + flip * pairs[:, ::-1], [-1])
    return table


def mean_over_codes(table: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Returns the mean of a table's entries over codes of independent bits.

    The probability of a code is that of its low half times that of its high
    half, so a product of matrices does it: n 2^(l/2) exponentials and no array
    [n, 2^l].

    Args:
        table: float [2^l].
        probabilities: of each bit to be one, float [n, l].

    Returns:
        Float [n].
    """
    split = probabilities.shape[1] // 2
    low = _code_probabilities(probabilities[:, :split])
    high = _code_probabilities(probabilities[:, split:])
    table = tf.reshape(table, [high.shape[1], low.shape[1]])
    return tf.reduce_sum(tf.matmul(high, table) * low, axis=1)


def _code_probabilities(probabilities: tf.Tensor) -> tf.Tensor:
    """Returns the probability of every code, [n, 2^l]."""
    codes = all_codes(probabilities.shape[1])
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    return tf.exp(
        tf.matmul(tf.math.log(p), codes, transpose_b=True)
        + tf.matmul(tf.math.log(1 - p), 1 - codes, transpose_b=True)
    )


class WordTable:
    """What every code makes of every word, without a table [2^l, vocabulary].

    A word's unnormalised probability `exp((z - 1/2) words + bias)` is a product
    of what the code's low half and its high half make of it. So the two halves,
    [2^(l/2), vocabulary] each, hold it all, and sums over words are matrix
    products of them: at 12 bits 128 rows of exponentials instead of 4096.

    Args:
        words: what each topic adds to each word's logit, float [l, vocabulary].
        bias: float [vocabulary].
    """

    def __init__(self, words: tf.Tensor, bias: tf.Tensor):
        bits = words.shape[0]
        self._split = bits // 2
        self._low_codes = all_codes(self._split) - 0.5
        self._high_codes = all_codes(bits - self._split) - 0.5
        self._low = tf.exp(tf.matmul(self._low_codes, words[: self._split]))
        self._high = tf.exp(tf.matmul(self._high_codes, words[self._split :]) + bias)
        # [2^high, 2^low]: read row by row it is a table.
        self._partitions = tf.matmul(self._high, self._low, transpose_b=True)

    def log_partitions(self) -> tf.Tensor:
        """Returns `log sum_w exp((z - 1/2) words + bias)` of every code, [2^l]."""
        return tf.reshape(tf.math.log(self._partitions), [-1])

    def expected_words(self, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns what the decoder expects of documents with given codes.

        Args:
            weights: the total word weight of the documents of each code, [2^l].

        Returns:
            `sum_z weights[z] (z - 1/2) P(w | z)`, [l, vocabulary], and
            `sum_z weights[z] P(w | z)`, [vocabulary]: the gradients of
            `sum_z weights[z] log_partitions[z]` with respect to words and bias.
        """
        shares = tf.reshape(weights, self._partitions.shape) / self._partitions
        by_low = self._low * tf.matmul(shares, self._high, transpose_a=True)
        by_high = self._high * tf.matmul(shares, self._low)
        by_topic = tf.concat(
            [
                tf.matmul(self._low_codes, by_low, transpose_a=True),
                tf.matmul(self._high_codes, by_high, transpose_a=True),
            ],
            axis=0,
        )
        return by_topic, tf.reduce_sum(by_high, axis=0)
