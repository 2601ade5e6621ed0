"""The table of 2^bits posting lists: short codes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from wish_tf.index.code_words import leading, rings
from wish_tf.index.hits import Hits, in_order, join
from wish_tf.index.table import NONE, Table, starts_of

# Buckets looked at in one step: enough to hide Python's overhead, few enough for
# the processor's cache.
_BUCKETS_AT_ONCE = 1 << 17
# So many take no longer than one.
_FEW_BUCKETS = 1 << 8


class PostingTable(Table):
    """Documents grouped by code; immutable.

    A query looks at the buckets around its code, the nearest first, and stops when it
    has enough documents, so its cost depends on the buckets it visits and on k, not
    on the number of documents. The codes have 1 to 20 bits; `starts` has an entry for
    each of them, and `ids` are by code and then id.
    """

    def __init__(
        self, bits: int, arrays: Mapping[str, np.ndarray], removed: np.ndarray = NONE
    ) -> None:
        super().__init__(bits, arrays, removed)
        # Lists are read as if the removed documents were not there.
        self._begins = self.starts
        if removed.size:
            self._begins = self.starts - np.searchsorted(removed, self.starts)
        self._ends = self._begins[1:]
        self._shift = removed - np.arange(removed.size)

    @classmethod
    def build(cls, bits: int, words: np.ndarray, ids: np.ndarray) -> PostingTable:
        """Sorts documents, words uint64 [n, 1] and ids [n], into a table."""
        codes = leading(words, bits)
        starts = starts_of(codes, bits)
        if ids.dtype == np.int32:
            # One sort of code and id together is several times as fast as a stable
            # counting sort through positions.
            codes <<= 31
            codes |= ids
            codes.sort()
            codes &= 0x7FFFFFFF
            return cls(bits, {"starts": starts, "ids": codes.astype(np.int32)})
        return cls(bits, {"starts": starts, "ids": ids[np.lexsort((ids, codes))]})

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all ids."""
        return self.starts.size == (1 << self.bits) + 1 and super().is_sound()

    def words(self) -> np.ndarray:
        """The codes in the order of `ids`, those of removed documents too."""
        sizes = np.diff(self.starts)
        return self._words(np.arange(sizes.size, dtype=np.uint64).repeat(sizes))

    def nearest(self, words: np.ndarray, k: int) -> Hits:
        """The k nearest documents of each query; all if there are not so many."""
        k = min(k, len(self))
        ends = rings(self.bits)[1]
        # How far k documents would reach if codes were spread evenly.
        likely = math.ceil(k * (1 << self.bits) / max(1, len(self)))
        few = _FEW_BUCKETS // max(1, len(words))
        radius = max(
            int(ends.searchsorted(likely)), int(ends.searchsorted(few, "right")) - 1
        )
        radius = min(radius, self.bits)
        return self._search(leading(words, self.bits), k, None, radius)

    def within(self, words: np.ndarray, radii: np.ndarray) -> Hits:
        """All documents within each query's radius, radii int64 [q]."""
        radius = min(int(radii.max(initial=0)), self.bits)
        return self._search(leading(words, self.bits), None, radii, radius)

    def _search(
        self, codes: np.ndarray, k: int | None, radii: np.ndarray | None, radius: int
    ) -> Hits:
        """Looks up to `radius` around queries, as many as suits at a time, and
        further for those that have no k documents by then."""
        masks, ends, away = rings(self.bits)
        end = int(ends[radius])
        step = max(1, _BUCKETS_AT_ONCE // end)
        by_ring = end <= max(_FEW_BUCKETS, 1 << (self.bits - 1))
        step = step if by_ring else 1
        if codes.size > step:
            return join(
                [
                    self._search(
                        codes[at : at + step],
                        k,
                        None if radii is None else radii[at : at + step],
                        radius,
                    )
                    for at in range(0, codes.size, step)
                ]
            )
        if by_ring:
            buckets, away = codes[:, None] ^ masks[:end], away[:end]
        else:
            # Most of the buckets around may be empty.
            occupied = np.flatnonzero(self._ends > self._begins[:-1])
            away = np.bitwise_count(occupied ^ codes[:1])
            order = away.argsort(kind="stable")
            buckets, away = occupied[order][None], away[order]
        begins = self._begins[buckets]
        sizes = self._ends[buckets] - begins
        if k is not None:
            reached = sizes.cumsum(axis=1)
            done = reached[:, -1] >= k
            if not done.all():
                return self._search_on(codes, k, radius, done)
            radii = away[(reached < k).sum(axis=1)]
        assert radii is not None, "without k there are radii"
        taken = np.where(away <= radii[:, None], sizes, 0)
        counts = taken.sum(axis=1)
        further = np.zeros(codes.size, np.int64)
        if k is not None:
            further = counts - k
            # No list can give more than there is room for, however long it is.
            taken = np.minimum(taken, k)
            counts = taken.sum(axis=1)
        taken = taken.ravel()
        cells = np.arange(taken.size).repeat(taken)
        begins = begins.ravel() - (taken.cumsum() - taken)
        ids = self._ids(begins[cells] + np.arange(cells.size))
        rows, columns = np.divmod(cells, away.size)
        distances = away[columns].astype(np.int64)
        order = in_order(rows, distances, ids)
        if k is not None:
            firsts = counts.cumsum() - counts
            order = order[(firsts[:, None] + np.arange(k)).ravel()]
            counts = np.full(codes.size, k)
        words = self._words(buckets.ravel()[cells[order]])
        return Hits(counts, ids[order], distances[order], words, further)

    def _search_on(
        self, codes: np.ndarray, k: int, radius: int, done: np.ndarray
    ) -> Hits:
        """First the rows that have enough within the radius, then the others."""
        if not done.any():
            return self._search(codes, k, None, radius + 1)
        parts = [
            self._search(codes[done], k, None, radius),
            self._search(codes[~done], k, None, radius + 1),
        ]
        rows = np.concatenate([np.flatnonzero(done), np.flatnonzero(~done)])
        return join(parts).reordered(np.argsort(rows))

    def _ids(self, places: np.ndarray) -> np.ndarray:
        """Ids of documents at places among those that are not removed."""
        if self._shift.size:
            places += self._shift.searchsorted(places, "right")
        return self.ids[places]

    def _words(self, codes: np.ndarray) -> np.ndarray:
        return (codes.astype(np.uint64) << np.uint64(64 - self.bits))[:, None]
