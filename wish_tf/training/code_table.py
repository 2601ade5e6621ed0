"""All 2^l codes at once, for codes short enough to be enumerated.

A table has one entry a code; entry c is that of the code whose bit i is
`(c >> i) & 1`.
"""

from __future__ import annotations

import tensorflow as tf

from wish_tf.layers.topic_space import all_codes

# So many numbers of posteriors are computed at a time; they stay in the cache.
POSTERIORS = 2**20


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


def posterior_means(
    by_topic: tf.Tensor, sums: tf.Tensor, partitions: tf.Tensor, codes: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns what documents' words say of their codes.

    The posterior of a document over the codes z is the softmax of
    `(z - 1/2) by_topic - sums partitions[z]`.

    Args:
        by_topic: what the words say for each topic, float [n, l].
        sums: the total word weight of each document, [n].
        partitions: the log partition function of each code, [2^l].
        codes: `all_codes`, [2^l, l].

    Returns:
        The mean of each bit, [n, l], and the word weight of each code over all
        documents, [2^l].
    """
    evidence = tf.concat([by_topic, -sums[:, tf.newaxis]], axis=1)
    of_codes = tf.concat([codes - 0.5, partitions[:, tf.newaxis]], axis=1)
    means, by_code = [], tf.zeros_like(partitions)
    at_once = max(1, POSTERIORS // len(partitions))
    for i in range(0, evidence.shape[0], at_once):
        part = slice(i, i + at_once)
        posterior = tf.nn.softmax(tf.matmul(evidence[part], of_codes, transpose_b=True))
        means.append(tf.matmul(posterior, codes))
        by_code += tf.linalg.matvec(posterior, sums[part], transpose_a=True)
    return tf.concat(means, axis=0), by_code


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
