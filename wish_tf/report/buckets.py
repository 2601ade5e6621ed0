from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wish_tf.report.documents import Documents


@dataclass(frozen=True)
class Buckets:
    """The documents of each code, the largest bucket first.

    Attributes:
        codes: of the buckets, uint64 [m].
        sizes: documents in each, int [m].
        of_document: number of each document's bucket, int [n].
    """

    codes: np.ndarray
    sizes: np.ndarray
    of_document: np.ndarray

    @classmethod
    def of(cls, documents: Documents) -> Buckets:
        """Sorts documents into buckets; of equally large ones the lower code leads."""
        codes, of_document, sizes = np.unique(
            documents.numbers, return_inverse=True, return_counts=True
        )
        order = np.argsort(-sizes, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return cls(codes[order], sizes[order], rank[of_document])

    def nearest(self, codes: np.ndarray) -> np.ndarray:
        """Returns the number of the bucket at the least Hamming distance, int [q].

        Args:
            codes: uint64 [q]. Of equally near buckets the largest is taken.
        """
        distinct, place = np.unique(codes, return_inverse=True)
        # One row at a time: at 32 bits a matrix of distances could be gigabytes.
        found = [np.argmin(np.bitwise_count(self.codes ^ code)) for code in distinct]
        return np.array(found, np.intp)[place]
