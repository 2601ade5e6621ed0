from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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

    def evidence(self, rows) -> np.ndarray:
        """Returns what the words of documents say, float32 [n, bits + 2].

        The log-likelihood of a document under a code is linear in these: the
        sums of its weights times each topic's row, times the bias, and times 1.

        Args:
            rows: tf-idf rows, CSR [n, vocabulary].
        """
        columns = [self.words, self.bias[None], np.ones_like(self.bias)[None]]
        return np.asarray(rows @ np.concatenate(columns).T, np.float32)
