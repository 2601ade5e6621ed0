"""The table of 2^bits posting lists: short codes."""

from __future__ import annotations

import math

import numpy as np

from wish_tf.index.code_words import expand, leading, rings
from wish_tf.index.hits import Hits, join, ranked

MAX_BITS = 20
# Buckets looked at in one step: enough to hide Python's overhead, few enough for
# the processor's cache.
_BUCKETS_AT_ONCE = 1 << 17


class PostingTable:
    """Documents grouped by code; immutable.

    A query looks at the buckets around its code ring by ring and stops when it has
    enough documents, so its cost depends on the buckets it visits and on k, not on
    the number of documents.

    Args:
        bits: Length of the codes, 1 to 20.
        starts: int32 or int64 [2**bits + 1], where each code's list begins.
        ids: Documents by code and then id, int32 or int64 [n].
    """

    def __init__(self, bits: int, starts: np.ndarray, ids: np.ndarray) -> None:
        self.bits, self.starts, self.ids = bits, starts, ids

    @classmethod
    def build(cls, bits: int, words: np.ndarray, ids: np.ndarray) -> PostingTable:
        """Sorts documents, words uint64 [n, 1] and ids [n], into a table."""
        codes = leading(words, bits)
        starts = np.zeros((1 << bits) + 1, np.int64)
        np.cumsum(np.bincount(codes, minlength=1 << bits), out=starts[1:])
        if ids.size < 2**31:
            starts = starts.astype(np.int32)
        if ids.dtype == np.int32:
            # One sort of code and id together is several times as fast as a stable
            # counting sort through positions.
            keys = codes << 31 | ids
            keys.sort()
            return cls(bits, starts, (keys & 0x7FFFFFFF).astype(np.int32))
        return cls(bits, starts, ids[np.lexsort((ids, codes))])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """What a file must hold."""
        return {"starts": self.starts, "ids": self.ids}

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all ids."""
        return bool(
            self.starts.shape == ((1 << self.bits) + 1,)
            and self.starts[0] == 0
            and self.starts[-1] == self.ids.size
            and (self.starts[1:] >= self.starts[:-1]).all()
        )

    def sizes(self) -> np.ndarray:
        """Number of documents of each code, int64 [2**bits]."""
        return np.diff(self.starts).astype(np.int64)

    def words(self) -> np.ndarray:
        """The documents' codes in the order of `ids`."""
        return self._words(np.repeat(np.arange(1 << self.bits), self.sizes()))

    def nearest(self, words: np.ndarray, k: int) -> Hits:
        """The k nearest documents of each query; all if there are not so many."""
        k = min(k, self.ids.size)
        return self._search(leading(words, self.bits), k, None, self._likely_radius(k))

    def within(self, words: np.ndarray, radii: np.ndarray) -> Hits:
        """All documents within each query's radius, radii int64 [q]."""
        radii = np.minimum(radii, self.bits)
        queries = leading(words, self.bits)
        return self._search(queries, None, radii, int(radii.max(initial=0)))

    def _likely_radius(self, k: int) -> int:
        """How far k documents would reach if codes were spread evenly."""
        wanted = math.ceil(k * (1 << self.bits) / max(1, self.ids.size))
        return int(np.searchsorted(rings(self.bits)[1], min(wanted, 1 << self.bits)))

    def _search(
        self,
        queries: np.ndarray,
        k: int | None,
        radii: np.ndarray | None,
        radius: int,
    ) -> Hits:
        """Looks up to `radius` around queries, a block at a time, and further for
        those that have no k documents by then."""
        step = max(1, _BUCKETS_AT_ONCE // int(rings(self.bits)[1][radius]))
        return join(
            [
                self._search_block(
                    queries[start : start + step],
                    k,
                    None if radii is None else radii[start : start + step],
                    radius,
                )
                for start in range(0, max(1, queries.size), step)
            ]
        )

    def _search_block(
        self,
        queries: np.ndarray,
        k: int | None,
        radii: np.ndarray | None,
        radius: int,
    ) -> Hits:
        masks, ends = rings(self.bits)
        by_ring = ends[radius] <= min(self.ids.size, 1 << (self.bits - 1))
        if by_ring:
            buckets = queries[:, None] ^ masks[: ends[radius]]
            ring_sizes = np.diff(ends[: radius + 1], prepend=0)
            away = np.repeat(np.arange(radius + 1), ring_sizes)
            away = np.broadcast_to(away, buckets.shape)
        else:
            # Most buckets around are empty, or nearly all are looked at anyway.
            radius = self.bits
            occupied = np.flatnonzero(self.starts[1:] > self.starts[:-1])
            buckets = np.broadcast_to(occupied, (queries.size, occupied.size))
            away = np.bitwise_count(queries[:, None] ^ occupied).astype(np.int64)
        starts = self.starts[buckets].astype(np.int64)
        sizes = self.starts[buckets + 1] - starts
        taken = sizes
        if k is not None:
            reached = self._reached(sizes, away, radius, by_ring)
            done = reached[:, -1] >= k
            if not done.all():
                return self._search_in_two(queries, k, radius, done)
            radii = np.argmax(reached >= k, axis=1)
            # No list can give more than there is room for, however long it is.
            taken = np.minimum(sizes, k)
        assert radii is not None, "without k there are radii"
        kept = np.flatnonzero((away <= radii[:, None]) & (taken > 0))
        taken = taken.ravel()[kept]
        rows = np.repeat(kept // max(1, buckets.shape[1]), taken)
        ids = self.ids[expand(starts.ravel()[kept], taken)]
        distances = np.repeat(away.ravel()[kept], taken)
        codes = np.repeat(buckets.ravel()[kept], taken)
        order, counts, further = ranked(queries.size, rows, distances, ids, k)
        if k is not None:
            further = np.take_along_axis(reached, radii[:, None], 1)[:, 0] - counts
        return Hits(
            counts, ids[order], distances[order], self._words(codes[order]), further
        )

    def _search_in_two(
        self, queries: np.ndarray, k: int, radius: int, done: np.ndarray
    ) -> Hits:
        """First the rows that have enough within the radius, then the others."""
        parts = [self._search(queries[~done], k, None, radius + 1)]
        if done.any():
            parts.insert(0, self._search_block(queries[done], k, None, radius))
        rows = np.concatenate([np.flatnonzero(done), np.flatnonzero(~done)])
        return join(parts).reordered(np.argsort(rows))

    def _reached(
        self, sizes: np.ndarray, away: np.ndarray, radius: int, by_ring: bool
    ) -> np.ndarray:
        """Number of documents at most 0..radius bits away, int64 [q, radius + 1]."""
        ends = rings(self.bits)[1]
        if by_ring:
            first = np.concatenate([[0], ends[:radius]])
            counts = np.add.reduceat(sizes, first, axis=1)
        else:
            cells = np.arange(len(sizes))[:, None] * (radius + 1) + away
            counts = np.bincount(
                cells.ravel(), sizes.ravel(), len(sizes) * (radius + 1)
            ).reshape(len(sizes), radius + 1)
        return np.cumsum(counts, axis=1).astype(np.int64)

    def _words(self, codes: np.ndarray) -> np.ndarray:
        return (codes.astype(np.uint64) << np.uint64(64 - self.bits))[:, None]
