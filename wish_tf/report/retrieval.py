from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from wish_tf.report.buckets import Buckets


@dataclass(frozen=True)
class Retrieval:
    """What each query finds at each Hamming distance; all measures follow from it.

    Attributes:
        found: documents at each distance from 0 to bits, int64 [q, bits + 1].
        relevant: those of them that are relevant to the query, int64 [q, bits + 1].
    """

    found: np.ndarray
    relevant: np.ndarray

    @classmethod
    def of(
        cls,
        queries: np.ndarray,
        bits: int,
        buckets: Buckets,
        relevant: scipy.sparse.csr_array,
        which: np.ndarray,
    ) -> Retrieval:
        """Looks queries up among the documents of buckets.

        Args:
            queries: codes, uint64 [q].
            bits: their length.
            buckets: m buckets of documents.
            relevant: how many documents of each bucket are relevant, CSR [r, m].
            which: row of `relevant` that is each query's, int [q].
        """
        # Queries with the same code and the same relevant documents find the same.
        pairs, of_query = np.unique(
            np.stack([queries, which.astype(np.uint64)], axis=1),
            axis=0,
            return_inverse=True,
        )
        found = np.empty((len(pairs), bits + 1), np.int64)
        hits = np.empty_like(found)
        for place, (code, row) in enumerate(pairs):
            distance = np.bitwise_count(buckets.codes ^ code)
            found[place] = np.bincount(distance, buckets.sizes, minlength=bits + 1)
            start, end = relevant.indptr[int(row) : int(row) + 2]
            hits[place] = np.bincount(
                distance[relevant.indices[start:end]],
                relevant.data[start:end],
                minlength=bits + 1,
            )
        of_query = of_query.ravel()
        return cls(found[of_query], hits[of_query])

    @property
    def documents(self) -> int:
        """How many documents are searched."""
        return int(self.found[0].sum())

    @property
    def chance(self) -> float:
        """Prec@k of documents drawn at random, whatever k."""
        return float(self.relevant.sum() / self.found.sum())

    def precisions(self, k: int) -> np.ndarray:
        """Returns Prec@k of each query, float64 [q].

        Tie-aware, as `wish_tf.metrics.precisions_at_k`, which it equals.

        Args:
            k: from 1 to the number of documents.
        """
        reached = np.cumsum(self.found, axis=1)
        edge = np.argmax(reached >= k, axis=1)
        rows = np.arange(len(edge))
        tied = self.found[rows, edge]
        slots = k - (reached[rows, edge] - tied)
        at_edge = self.relevant[rows, edge]
        nearer = np.cumsum(self.relevant, axis=1)[rows, edge] - at_edge
        return np.asarray((nearer + at_edge * slots / tied) / k)

    def within(self, radius: int) -> tuple[float | None, float, float]:
        """Returns what is found within a radius.

        Args:
            radius: in bits.

        Returns:
            The share of relevant documents among those found, mean over the queries
            that find any, or None where none does; the share of queries that find
            any; the number of documents found, mean over all queries.
        """
        found = self.found[:, : radius + 1].sum(axis=1)
        relevant = self.relevant[:, : radius + 1].sum(axis=1)
        some = found > 0
        precision = float((relevant[some] / found[some]).mean()) if some.any() else None
        return precision, float(some.mean()), float(found.mean())
