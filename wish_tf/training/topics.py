from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from wish_tf.training.code_table import WordTable, through_channel


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

    def evidence(self, beta: float, flip: float) -> tuple[np.ndarray, np.ndarray]:
        """Returns what words say of codes.

        A code z has the posterior softmax(z' D x - sum(x) partitions[z]) given a row
        x, up to what all codes have in common.

        Args:
            beta: weight of the likelihood against the uniform prior.
            flip: probability with which a bit is flipped before it is decoded.

        Returns:
            D, float32 [bits, vocabulary], and the partitions, float32 [2^bits].
        """
        partitions = beta * self.log_partitions(flip)
        return beta * (1 - 2 * flip) * self.words, partitions.numpy()
