from __future__ import annotations

import numpy as np

from wish_tf.training.topics import Topics
from wish_tf.types import Csr


class HeavyWords:
    """The words that topics are learned from.

    Rarer ones say little and cost as much; they keep their frequency and have no
    part in any topic.

    Args:
        rows: tf-idf rows, CSR [n, vocabulary].
        most: how many of the heaviest words to take.

    Attributes:
        numbers: of these words, rising, int [m].
        bias: their log frequencies, float32 [m].
    """

    def __init__(self, rows: Csr, most: int):
        totals = np.asarray(rows.sum(axis=0)).ravel() + 1e-2
        self._log_frequencies = np.log(totals / totals.sum()).astype(np.float32)
        self.numbers = np.sort(np.argsort(-totals, kind="stable")[:most])
        self.bias = self._log_frequencies[self.numbers]

    def topics(self, words: np.ndarray, bias: np.ndarray) -> Topics:
        """Returns topics of the whole vocabulary.

        Args:
            words: what each topic adds to the logits of these words, float32
                [bits, m].
            bias: of these words, float32 [m].
        """
        spread = np.zeros((len(words), len(self._log_frequencies)), np.float32)
        spread[:, self.numbers] = words
        of_all = self._log_frequencies.copy()
        of_all[self.numbers] = bias
        return Topics(spread, of_all)
