"""What a table found for several queries."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from wish_tf.index.code_words import expand


@dataclasses.dataclass(frozen=True)
class Hits:
    """Documents found, by query, distance and id.

    Attributes:
        counts: int64 [q], documents of each query.
        ids: [hits], internal ids.
        distances: int64 [hits].
        words: uint64 [hits, w], their codes.
        further: int64 [q], documents left out that are as near as the last one.
    """

    counts: np.ndarray
    ids: np.ndarray
    distances: np.ndarray
    words: np.ndarray
    further: np.ndarray

    def reordered(self, order: np.ndarray) -> Hits:
        """The hits with query order[i] in the place of query i."""
        starts = np.cumsum(self.counts) - self.counts
        counts = self.counts[order]
        place = expand(starts[order], counts)
        return Hits(
            counts,
            self.ids[place],
            self.distances[place],
            self.words[place],
            self.further[order],
        )

    @property
    def rows(self) -> np.ndarray:
        """The query of each hit, int64 [hits]."""
        return np.repeat(np.arange(self.counts.size), self.counts)


def join(parts: Sequence[Hits]) -> Hits:
    """Joins the hits of consecutive queries."""
    if len(parts) == 1:
        return parts[0]
    names = [field.name for field in dataclasses.fields(Hits)]
    return Hits(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def ranked(
    queries: int,
    rows: np.ndarray,
    distances: np.ndarray,
    ids: np.ndarray,
    k: int | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorts candidates by query, distance and id, and keeps k of each query.

    Args:
        queries: number of queries.
        rows, distances, ids: the candidates: query, distance and id, [n].
        k: how many of a query are kept; None for all.

    Returns:
        Which candidates are kept, in order; how many of each query, [queries]; how
        many more of each query are as near as the last one kept, [queries].
    """
    level = rows << 9 | distances  # distances go up to 256
    if ids.dtype == np.int32:
        order = np.argsort(level << 31 | ids)
    else:
        order = np.lexsort((ids, level))
    found = np.bincount(rows, minlength=queries)
    if k is None or found.max(initial=0) <= k:
        return order, found, np.zeros(queries, np.int64)
    starts = np.cumsum(found) - found
    kept = np.arange(rows.size) - np.repeat(starts, found) < k
    counts = np.minimum(found, k)
    last = level[order[np.maximum(starts + counts - 1, 0)]]
    further = np.bincount(
        rows[order[~kept & (level[order] == np.repeat(last, found))]],
        minlength=queries,
    )
    return order[kept], counts, further
