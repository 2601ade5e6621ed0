from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from scipy.special import softmax

from wish_tf.training.code_table import (
    WordTable,
    all_codes,
    posterior_means,
    through_channel,
)
from wish_tf.types import Csr


@dataclass(frozen=True)
class Topics:
    """What a decoder knows, without the factors T and E.

    Attributes:
        words: what each topic adds to each word's logit, T E, float32
            [bits, vocabulary].
        bias: float32 [vocabulary].
    """

    words: np.ndarray
    bias: np.ndarray

    def log_partitions(self, flip: float) -> tf.Tensor:
        """Returns the log partition function of every code whose bits may be
        flipped with a probability, float32 [2^bits]."""
        table = WordTable(tf.constant(self.words), tf.constant(self.bias))
        return through_channel(table.log_partitions(), len(self.words), flip)

    def word_gains(self) -> np.ndarray:
        """Returns how much each bit makes of each word, float32 [bits, vocabulary].

        As `TopicSelection.word_gains`, of the decoder that has these topics.
        """
        on, off = (softmax(self.bias + x * self.words, axis=1) for x in (0.5, -0.5))
        total = np.sqrt((on + off) / 2)
        return np.divide(on - off, total, out=np.zeros_like(on), where=total > 0)

    def probabilities(self, rows: Csr, beta: float, flip: float) -> np.ndarray:
        """Returns how likely each bit is to be on, given documents.

        Args:
            rows: tf-idf rows, CSR [n, vocabulary].
            beta: weight of the likelihood against the uniform prior.
            flip: probability with which a bit is flipped before it is decoded.

        Returns:
            Float32 [n, bits].
        """
        means, _ = posterior_means(
            tf.constant(beta * (1 - 2 * flip) * (rows @ self.words.T), tf.float32),
            tf.constant(np.asarray(rows.sum(axis=1))[:, 0], tf.float32),
            beta * self.log_partitions(flip),
            tf.constant(all_codes(len(self.words))),
        )
        return means.numpy()
