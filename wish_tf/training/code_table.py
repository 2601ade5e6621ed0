"""All 2^l codes at once, for codes short enough to be enumerated.

A table has one entry a code; entry c is that of the code whose bit i is
`(c >> i) & 1`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

# So many rows of logits are in memory at a time.
CHUNK = 1024


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


@tf.function(jit_compile=True)
def log_partitions(codes: tf.Tensor, words: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Returns `log sum_v exp((z - 1/2) words + bias)` of every code, [2^l].

    Args:
        codes: `all_codes`, float [2^l, l].
        words: what each topic adds to each word's logit, [l, vocabulary].
        bias: [vocabulary].
    """
    chunks = [
        tf.reduce_logsumexp(tf.matmul(chunk - 0.5, words) + bias, axis=1)
        for chunk in _chunks(codes)
    ]
    return tf.concat(chunks, axis=0)


@tf.function(jit_compile=True)
def expected_words(
    codes: tf.Tensor, words: tf.Tensor, bias: tf.Tensor, weights: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns what the decoder expects of documents with given codes.

    Args:
        codes, words, bias: as in `log_partitions`.
        weights: the total word weight of the documents of each code, [2^l].

    Returns:
        `sum_z weights[z] (z - 1/2) P(w | z)`, [l, vocabulary], and
        `sum_z weights[z] P(w | z)`, [vocabulary]: the gradients of
        `sum_z weights[z] log_partitions[z]` with respect to words and bias.
    """
    by_topic, by_bias = tf.zeros_like(words), tf.zeros_like(bias)
    for chunk, weight in zip(_chunks(codes), _chunks(weights), strict=True):
        share = tf.nn.softmax(tf.matmul(chunk - 0.5, words) + bias)
        share *= weight[:, tf.newaxis]
        by_topic += tf.matmul(chunk - 0.5, share, transpose_a=True)
        by_bias += tf.reduce_sum(share, axis=0)
    return by_topic, by_bias


def _chunks(table: tf.Tensor) -> list[tf.Tensor]:
    return [table[i : i + CHUNK] for i in range(0, table.shape[0], CHUNK)]
