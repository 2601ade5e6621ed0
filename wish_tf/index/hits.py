"""What a table found for several queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wish_tf.index.code_words import expand


class Hits(NamedTuple):
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
        starts = self.counts.cumsum() - self.counts
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
        return np.arange(self.counts.size).repeat(self.counts)

    @property
    def last(self) -> np.ndarray:
        """The distance of each query's last document, int64 [q]; -1 without one."""
        last = np.full(self.counts.size, -1)
        last[self.rows] = self.distances
        return last


def join(parts: Sequence[Hits]) -> Hits:
    """Joins the hits of consecutive queries."""
    if len(parts) == 1:
        return parts[0]
    return Hits(*map(np.concatenate, zip(*parts, strict=True)))


def in_order(level: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """The order of candidates by query, distance and id, int64 [n].

    Args:
        level: query << 9 | distance, int64 [n]; distances go up to 256.
        ids: int32 or int64 [n].
    """
    if ids.dtype == np.int32:
        return (level << 31 | ids).argsort()
    return np.lexsort((ids, level))


def merged(parts: Sequence[Hits], words: np.ndarray, k: int | None = None) -> Hits:
    """What several tables found for the same queries, with the user's ids, as one.

    Args:
        parts: what each found: its k nearest or, without k, all within a radius.
        words: the queries, [q, w].
        k: how many of a query are kept; None for all.
    """
    if len(parts) == 1:
        return parts[0]
    queries = np.zeros(len(words), np.int64)
    empty = Hits(queries, queries[:0], queries[:0], words[:0], queries)
    _, ids, distances, codes, _ = join(parts or [empty])
    rows = np.concatenate([part.rows for part in parts or [empty]])
    ranks = np.unique(ids, return_inverse=True)[1] if ids.dtype == object else ids
    order, counts, further = ranked(len(words), rows, distances, ranks, k)
    found = Hits(counts, ids[order], distances[order], codes[order], further)
    if k is not None:
        last = found.last
        for part in parts:
            further += np.where(part.last == last, part.further, 0)
    return found


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
    level = rows << 9 | distances
    order = in_order(level, ids)
    level = level[order]
    if queries == 1 and order.size:  # the same in fewer steps
        order = order[:k]
        further = level.searchsorted(level[order.size - 1], "right") - order.size
        return order, np.array([order.size]), np.array([further])
    starts = level.searchsorted(np.arange(queries + 1) << 9)
    starts, found = starts[:-1], starts[1:] - starts[:-1]
    if k is None or found.max(initial=0) <= k:
        return order, found, np.zeros(queries, np.int64)
    counts = np.minimum(found, k)
    ends = starts + counts
    further = level.searchsorted(level[np.maximum(ends - 1, 0)], "right") - ends
    return order[expand(starts, counts)], counts, np.where(counts > 0, further, 0)
