from __future__ import annotations

import numpy as np

from wish_tf.training.codebook import Codebook
from wish_tf.types import Csr

# Codes are given by going through all of them.
MOST_BITS = 16
# A bucket of an index should hold a page of results; what lies between the codes
# of smaller clusters says less than their contents.
TEXTS_A_CLUSTER = 150
# How much smaller the clusters of the next book are.
FINER = 3


class Codebooks:
    """The books that make up codes of any length: their codes stand side by side.

    Up to 16 bits that is one book. Longer codes are divided evenly among as few as
    can be; each book clusters the texts anew, and more finely than the last. Texts
    that are parted by one book are often together in another, so what distances
    between codes say grows with their length.

    Args:
        rows: tf-idf rows of the training texts, CSR float32 [n, vocabulary].
        points: their places, of length 1, float32 [n, d] (see `TopicSpace`).
        bits: number of hash bits.
        seed: of the clusters.

    Attributes:
        codes: of the training texts, uint8 0/1 [n, bits].
    """

    def __init__(self, rows: Csr, points: np.ndarray, bits: int, seed: int = 0):
        parts = -(-bits // MOST_BITS)
        self._books = [
            Codebook(
                rows,
                points,
                bits // parts + (i < bits % parts),
                TEXTS_A_CLUSTER // FINER**i,
                # scikit-learn's seeds have 32 bits.
                (seed + i) % 2**32,
            )
            for i in range(parts)
        ]
        self.codes = np.concatenate(
            [book.codes[book.clusters] for book in self._books], axis=1
        )

    def targets(self, points: np.ndarray) -> np.ndarray:
        """Returns the probability that each bit should be on, float32 [n, bits]."""
        return np.concatenate([book.targets(points) for book in self._books], axis=1)
