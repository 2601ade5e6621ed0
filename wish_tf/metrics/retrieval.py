"""What queries find by Hamming distance, exact in the presence of ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from wish_tf.checks import whole_number
from wish_tf.codes import check_bits, codes_to_int
from wish_tf.errors import InputError
from wish_tf.metrics.label_relevance import label_relevance
from wish_tf.types import Csr

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Retrieval:
    """What each query finds at each Hamming distance; all measures follow from it.

    Many documents share a code when codes are short, so "the k nearest" is not one
    set. All measures here are means over all orders of the documents at equal
    distances, so they do not depend on the order of the database.

    Attributes:
        found: documents at each distance, the nearest first, int64 [q, distances]; by
            codes these are from 0 to bits.
        relevant: those of them that are relevant to the query, int64 [q, distances].

    Examples:
        Of the two nearest of `[1, 1]`, the first is relevant; which of two documents
        is the second is a tie, and one of them is relevant:

        >>> documents = [[1, 1], [1, 0], [0, 1]]
        >>> found = Retrieval.by_labels([[1, 1]], ["a"], documents, ["a", "a", "b"])
        >>> found.precisions(2)
        array([0.75])
    """

    found: NDArray[np.int64]
    relevant: NDArray[np.int64]

    @classmethod
    def by_labels(
        cls,
        query_codes: ArrayLike,
        query_labels: Any,
        database_codes: ArrayLike,
        database_labels: Any,
    ) -> Retrieval:
        """Looks queries up; relevant is a document that shares a label.

        Args:
            query_codes: codes of the queries, [q, bits] of 0 and 1, up to 64 bits.
            query_labels: labels of the queries: one label each (1-D, integers or
                strings); or a list with a list, tuple or set of labels for each; or a
                0/1 multi-hot array [q, labels]. To a query without labels nothing is
                relevant.
            database_codes: codes of the documents to search, [n, bits].
            database_labels: labels of these documents, in the same form.

        Raises:
            InputError: if codes or labels are malformed or do not fit together, or
                there is no query or no document.
        """
        relevance = label_relevance(query_labels, database_labels)
        return cls._of(query_codes, database_codes, *relevance, "one label")

    @classmethod
    def by_graph(
        cls, query_codes: ArrayLike, database_codes: ArrayLike, relevant: Csr
    ) -> Retrieval:
        """Looks queries up; what is relevant to each is given.

        Args:
            query_codes: as in `by_labels`.
            database_codes: as in `by_labels`.
            relevant: CSR [q, n], nonzero where a document is relevant.

        Raises:
            InputError: if codes are malformed or do not fit together, or there is no
                query or no document.
        """
        q, n = relevant.shape
        return cls._of(
            query_codes, database_codes, np.arange(q), np.arange(n), relevant, "a row"
        )

    @classmethod
    def _of(
        cls,
        query_codes: ArrayLike,
        database_codes: ArrayLike,
        query_groups: NDArray[np.int64],
        database_groups: NDArray[np.int64],
        relevant: Csr,
        what: str,
    ) -> Retrieval:
        """Looks queries up, of which the same is relevant to all of a group.

        Args:
            query_codes: [q, bits].
            database_codes: [n, bits].
            query_groups: number of each query's group, [q].
            database_groups: number of each document's group, [n].
            relevant: CSR [query groups, database groups], nonzero for the relevant.
            what: there is of each code, for the message.
        """
        asked = check_bits(query_codes, "query_codes")
        known = check_bits(database_codes, "database_codes")
        bits = asked.shape[1]
        if bits != known.shape[1]:
            raise InputError(
                "expected query_codes and database_codes of the same length; "
                f"got {bits} and {known.shape[1]} bits"
            )
        for name, codes, groups in (
            ("query", asked, query_groups),
            ("database", known, database_groups),
        ):
            if len(codes) != len(groups):
                raise InputError(
                    f"expected {what} for each of {len(codes)} {name}_codes; "
                    f"got {len(groups)}"
                )
            if not len(codes):
                raise InputError(f"expected one or more {name}_codes; got none")
        # Equal documents are counted, not repeated: all below is about distinct codes
        # and groups. Small integers are compared faster.
        integers = np.min_scalar_type((1 << bits) - 1)
        queries = codes_to_int(asked).astype(integers)
        buckets, bucket, sizes = np.unique(
            codes_to_int(known).astype(integers),
            return_inverse=True,
            return_counts=True,
        )
        weights = sizes.astype(np.float64)
        counts = sparse.coo_array(
            (np.ones(len(bucket), np.int32), (bucket, database_groups)),
            shape=(len(buckets), relevant.shape[1]),
        ).tocsr()
        order = np.lexsort([queries, query_groups])
        result = np.empty((2, len(order), bits + 1), np.int64)
        group = code = row = -1
        for query in order:
            same = group == query_groups[query]
            if same and code == queries[query]:
                result[:, query] = result[:, row]
                continue
            if not same:
                group = query_groups[query]
                wanted = np.zeros(counts.shape[1])
                of_group = slice(relevant.indptr[group], relevant.indptr[group + 1])
                wanted[relevant.indices[of_group]] = relevant.data[of_group] != 0
                hits = counts @ wanted
            row, code = query, queries[query]
            distance = np.bitwise_count(buckets ^ code).astype(np.intp)
            result[0, row] = np.bincount(distance, weights, bits + 1)
            result[1, row] = np.bincount(distance, hits, bits + 1)
        return cls(*result)

    @property
    def documents(self) -> int:
        """How many documents are searched."""
        return int(self.found[0].sum())

    @property
    def chance(self) -> float:
        """Prec@k of documents drawn at random, whatever k."""
        return float(self.relevant.sum() / self.found.sum())

    def precisions(self, k: int) -> Floats:
        """Returns the share of relevant documents among the k nearest, Prec@k of the
        paper (section 4.2), float64 [q].

        All documents nearer than the k-th are taken whole; of those at its distance,
        their relevant fraction times the slots that are left.

        Args:
            k: from 1 to the number of documents.

        Raises:
            InputError: if k is not such.
        """
        return self._hits(k) / k

    def recalls(self, k: int) -> Floats:
        """Returns the share of a query's relevant documents that are among the k
        nearest, float64 [q]; nan where nothing is relevant.

        Args:
            k: as in `precisions`.

        Raises:
            InputError: as `precisions`.
        """
        all_relevant = self.relevant.sum(axis=1)
        return np.divide(
            self._hits(k),
            all_relevant,
            out=np.full(len(all_relevant), np.nan),
            where=all_relevant > 0,
        )

    def average_precisions(self) -> Floats:
        """Returns the average precision over the whole ranking, float64 [q].

        It is the mean, over the relevant documents, of the precision at the place of
        each; 0 where nothing is relevant. For n documents at one distance, r of them
        relevant, behind N nearer ones with R, the mean over their orders is the sum
        over i = 1 ... n of r/n (R + 1 + (i - 1) (r - 1)/(n - 1)) / (N + i): the
        chance that the i-th is relevant, times the precision there if it is (McSherry
        and Najork, "Computing information retrieval performance measures efficiently
        in the presence of tied scores", ECIR 2008).
        """
        n, r = self.found, self.relevant
        before = np.cumsum(n, axis=1) - n
        relevant_before = np.cumsum(r, axis=1) - r
        # The sums of 1/(N + i) and of (i - 1)/(N + i).
        harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, n[0].sum() + 1))])
        inverse = harmonic[before + n] - harmonic[before]
        further = n - (before + 1) * inverse
        others = (r - 1) / np.maximum(n - 1, 1)
        gained = r / np.maximum(n, 1) * ((relevant_before + 1) * inverse)
        gained += r / np.maximum(n, 1) * others * further
        result: Floats = gained.sum(axis=1) / np.maximum(r.sum(axis=1), 1)
        return result

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

    def _hits(self, k: int) -> Floats:
        """Relevant documents among the k nearest, in expectation, [q]."""
        if whole_number(k, "k", 1) > self.documents:
            raise InputError(
                f"expected a database of at least k = {k} documents; "
                f"got {self.documents}"
            )
        reached = np.cumsum(self.found, axis=1)
        edge = np.argmax(reached >= k, axis=1)
        rows = np.arange(len(edge))
        tied = self.found[rows, edge]
        slots = k - (reached[rows, edge] - tied)
        at_edge = self.relevant[rows, edge]
        nearer = np.cumsum(self.relevant, axis=1)[rows, edge] - at_edge
        hits: Floats = nearer + at_edge * slots / tied
        return hits


def precision_at_k(
    query_codes: ArrayLike,
    query_labels: Any,
    database_codes: ArrayLike,
    database_labels: Any,
    k: int = 100,
) -> float:
    """Returns Prec@k, from 0 to 1: the mean of `Retrieval.precisions`.

    Args:
        query_codes: as in `Retrieval.by_labels`, as the next three.
        query_labels: labels of the queries.
        database_codes: codes of the documents to search.
        database_labels: labels of these documents.
        k: number of nearest documents looked at.

    Raises:
        InputError: as `Retrieval.by_labels`, or if the database has fewer than k
            documents.

    Examples:
        >>> queries, documents = [[0, 0], [1, 1]], [[0, 0], [0, 1], [1, 1]]
        >>> precision_at_k(queries, ["a", "b"], documents, ["a", "a", "b"], k=2)
        0.75
    """
    found = Retrieval.by_labels(
        query_codes, query_labels, database_codes, database_labels
    )
    return float(found.precisions(k).mean())
