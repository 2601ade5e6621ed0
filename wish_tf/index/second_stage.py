"""Ranking the nearest documents once more, by something finer than their bits."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.errors import InputError
from wish_tf.index.code_words import to_packed
from wish_tf.index.documents import Documents
from wish_tf.index.hits import Hits, join

# All candidates of so many queries are in memory at the same time.
_QUERIES_AT_ONCE = 32


class SecondStage(Protocol):
    """Something that scores documents found for queries."""

    def costs(self, row: int, ids: np.ndarray, bits: np.ndarray) -> np.ndarray:
        """What documents are ranked by, smallest first, float64 [n].

        Args:
            row: the query.
            ids: the documents, int64 [n].
            bits: their codes, uint8 0/1 [n, l].
        """

    sign: int  # costs times this are the scores that a user sees


class SparseMatrix(Protocol):
    """A sparse matrix or array of SciPy, of whatever format."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def tocsr(self) -> Any: ...


class ProbabilityStage:
    """The asymmetric distance: how many bits are expected to differ if each bit of
    the query is drawn from its probability.

    Args:
        probabilities: of the queries' bits, [q, bits].
    """

    sign = 1

    def __init__(self, probabilities: ArrayLike, queries: int, bits: int) -> None:
        array = np.asarray(probabilities, np.float64)
        if array.shape != (queries, bits) or not ((array >= 0) & (array <= 1)).all():
            raise InputError(
                f"probabilities must be numbers from 0 to 1 of shape ({queries}, "
                f"{bits}), one for each bit of the queries; got shape {array.shape}."
            )
        self._probabilities = array

    def costs(self, row: int, ids: np.ndarray, bits: np.ndarray) -> np.ndarray:
        of_one = self._probabilities[row]
        return np.where(bits, 1 - of_one, of_one).sum(axis=1)


class CosineStage:
    """The cosine of sparse rows, such as tf-idf; 0 for a row without entries.

    Args:
        rows: SciPy sparse [q, words], of the queries.
        document_rows: SciPy sparse [n, words]; row i belongs to the document of id i.
    """

    sign = -1

    def __init__(
        self, rows: SparseMatrix, document_rows: SparseMatrix, queries: int
    ) -> None:
        for name, matrix in (("rows", rows), ("document_rows", document_rows)):
            if not hasattr(matrix, "tocsr"):
                raise InputError(
                    f"{name} must be a sparse matrix of SciPy; "
                    f"got {type(matrix).__name__}."
                )
        if rows.shape != (queries, document_rows.shape[1]):
            raise InputError(
                f"rows must have the shape ({queries}, {document_rows.shape[1]}), one "
                "row for each query and the columns of document_rows; "
                f"got {rows.shape}."
            )
        self._rows, self._documents = rows.tocsr(), document_rows.tocsr()

    def costs(self, row: int, ids: np.ndarray, bits: np.ndarray) -> np.ndarray:
        if ids.max(initial=0) >= self._documents.shape[0]:
            raise InputError(
                "document_rows must have a row for every id; got "
                f"{self._documents.shape[0]} rows and the id {ids.max()}."
            )
        documents, query = self._documents[ids], self._rows[[row]]
        dots = np.asarray((documents @ query.T).todense(), np.float64).ravel()
        norms = np.sqrt(documents.multiply(documents).sum(axis=1)).ravel()
        norms = np.asarray(norms).ravel() * np.sqrt(query.multiply(query).sum())
        return -np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0)


def chosen_stage(
    documents: Documents,
    shape: tuple[int, int],
    probabilities: ArrayLike | None,
    rows: SparseMatrix | None,
    document_rows: SparseMatrix | None,
) -> SecondStage | None:
    """The stage that the arguments of `HammingIndex.search` ask for, or None.

    Args:
        documents: what is searched.
        shape: number of queries and of bits.
        probabilities, rows, document_rows: as in `HammingIndex.search`.
    """
    if (rows is None) != (document_rows is None) or (
        rows is not None and probabilities is not None
    ):
        raise InputError(
            "a second stage must have either probabilities, or rows and "
            "document_rows; got another combination."
        )
    if probabilities is not None:
        return ProbabilityStage(probabilities, *shape)
    if rows is None or document_rows is None:
        return None
    if documents.names is not None:
        raise InputError(
            "ids must be integers, the places of document_rows; got strings."
        )
    return CosineStage(rows, document_rows, shape[0])


def best(
    documents: Documents, words: np.ndarray, k: int, candidates: int, stage: SecondStage
) -> tuple[Hits, np.ndarray]:
    """The k best documents of each query among the nearest.

    Args:
        documents: what is searched.
        words: the queries, uint64 [q, w].
        k: how many are returned of each query.
        candidates: how many of the nearest are ranked at least; all that are level
            with the last of them are ranked too.
        stage: what they are ranked by.

    Returns:
        Hits and their scores, float64 [hits].
    """
    parts = []
    for start in range(0, max(1, len(words)), _QUERIES_AT_ONCE):
        block = words[start : start + _QUERIES_AT_ONCE]
        nearest = documents.table.nearest(block, candidates)
        radii = np.full(len(block), -1)
        np.maximum.at(radii, nearest.rows, nearest.distances)
        hits = documents.table.within(block, radii)
        bits = np.unpackbits(
            to_packed(hits.words, documents.bits), axis=1, count=documents.bits
        )
        ends = np.cumsum(hits.counts).tolist()
        costs = [
            stage.costs(start + row, hits.ids[first:end], bits[first:end])
            for row, (first, end) in enumerate(zip([0, *ends], ends, strict=False))
        ]
        parts.append(_rank_again(hits, np.concatenate([[], *costs]), k))
    hits, costs = zip(*parts, strict=True)
    return join(hits), stage.sign * np.concatenate(costs)


def _rank_again(hits: Hits, costs: np.ndarray, k: int) -> tuple[Hits, np.ndarray]:
    """Sorts hits by query, cost, distance and id, and keeps k of each query.

    Returns:
        Hits, whose `further` counts those level with the last but for their ids, and
        the costs of the hits.
    """
    rows = hits.rows
    order = np.lexsort((hits.ids, hits.distances, costs, rows))
    starts = np.cumsum(hits.counts) - hits.counts
    kept = np.arange(order.size) - starts[rows] < k
    counts = np.minimum(hits.counts, k)
    last = order[np.maximum(starts + counts - 1, 0)] if order.size else order
    level = np.zeros(order.size, bool)
    if order.size:
        level = (costs[order] == costs[last][rows]) & (
            hits.distances[order] == hits.distances[last][rows]
        )
    further = np.bincount(rows[level & ~kept], minlength=counts.size)
    order = order[kept]
    return (
        Hits(
            counts, hits.ids[order], hits.distances[order], hits.words[order], further
        ),
        costs[order],
    )
