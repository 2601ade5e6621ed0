"""The table of 2^bits posting lists: short codes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import numpy as np

from wish_tf.index.code_words import leading, rings
from wish_tf.index.hits import Hits, in_order, join
from wish_tf.index.table import NONE, Part, Table, starts_of

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

    QUERIES_AT_ONCE = 1 << 62  # it sees to that itself

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
    def build(cls, bits: int, ids: np.ndarray, parts: Iterable[Part]) -> PostingTable:
        sizes = np.zeros(1 << bits, np.int64)
        end = 0
        for words, numbers in parts:
            codes = leading(words, bits)
            sizes += np.bincount(codes, minlength=sizes.size)
            begin, end = end, end + numbers.size
            if ids.dtype == np.int32:
                # One sort of code and id together is several times as fast as a
                # stable counting sort through places.
                codes <<= 31
                codes |= numbers
                codes.sort()
                codes &= 0x7FFFFFFF
                ids[begin:end] = codes
            else:
                ids[begin:end] = numbers[np.lexsort((numbers, codes))]
        return cls(bits, {"starts": starts_of(sizes), "ids": ids})

    def is_sound(self) -> bool:
        return self.starts.size == (1 << self.bits) + 1 and super().is_sound()

    def words(self, first: int, last: int) -> np.ndarray:
        sizes = np.diff(self.starts[first : last + 1])
        return self._words(np.arange(first, last, dtype=np.uint64).repeat(sizes))

    def _block(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        if k is None:
            assert radii is not None, "without k there are radii"
            radius = min(int(radii.max(initial=0)), self.bits)
        else:
            # How far k documents would reach if codes were spread evenly, or further
            # if that costs little.
            likely = -(-(k << self.bits) // max(1, len(self)))
            wanted = max(likely, _FEW_BUCKETS // max(1, len(words)))
            ends = rings(self.bits)[1]
            radius = bisect_left(ends, min(wanted, ends[-1]))
        return self._around(leading(words, self.bits), k, radii, radius)

    def _around(
        self, codes: np.ndarray, k: int | None, radii: np.ndarray | None, radius: int
    ) -> Hits:
        """Looks up to `radius` around queries, as many as suits at a time, and
        further for those that have no k documents by then."""
        if codes.size == 1:
            radius = radius if radii is None else min(int(radii[0]), self.bits)
            return self._one(int(codes[0]), k, radius)
        end = rings(self.bits)[1][radius]
        # Most of many buckets may be empty.
        few = end <= max(_FEW_BUCKETS, 1 << (self.bits - 1))
        step = max(1, _BUCKETS_AT_ONCE // end) if few else 1
        if codes.size <= step:
            return self._several(codes, k, radii, radius)
        return join(
            [
                self._around(
                    codes[at : at + step],
                    k,
                    None if radii is None else radii[at : at + step],
                    radius,
                )
                for at in range(0, codes.size, step)
            ]
        )

    def _one(self, code: int, k: int | None, radius: int) -> Hits:
        """What `_several` does, in fewer steps."""
        begin, end = self._begins.item(code), self._ends.item(code)
        if k and end - begin >= k:
            ids = self._ids(np.arange(begin, begin + k))
            words = self._words(np.full(k, code))
            further = np.array([end - begin - k])
            return Hits(np.array([k]), ids, np.zeros(k, np.int64), words, further)
        masks, ends, away = rings(self.bits)
        end = ends[radius]
        if end <= max(_FEW_BUCKETS, 1 << (self.bits - 1)):
            buckets, away = masks[:end] ^ code, away[:end]
        else:
            occupied = np.flatnonzero(self._ends > self._begins[:-1])
            away = np.bitwise_count(occupied ^ code)
            order = away.argsort(kind="stable")
            buckets, away = occupied[order], away[order]
        begins = self._begins[buckets]
        sizes = self._ends[buckets] - begins
        reached = sizes.cumsum()
        if k is not None:
            last = int(reached.searchsorted(k))
            if last == reached.size and k:
                return self._one(code, k, radius + 1)
            radius = away.item(last) if k else 0
        stop = int(away.searchsorted(radius, "right"))
        total = reached.item(stop - 1) if stop else 0
        # No list can give more than there is room for, however long it is.
        kept = total if k is None else k
        taken = np.minimum(sizes[:stop], kept)
        cells = np.arange(stop).repeat(taken)
        begins = begins[:stop] - (taken.cumsum() - taken)
        ids = self._ids(begins[cells] + np.arange(cells.size))
        distances = away[cells].astype(np.int64)
        order = in_order(distances, ids)[:kept]
        words = self._words(buckets[cells[order]])
        counts, further = np.array([kept]), np.array([total - kept])
        return Hits(counts, ids[order], distances[order], words, further)

    def _several(
        self, codes: np.ndarray, k: int | None, radii: np.ndarray | None, radius: int
    ) -> Hits:
        """Looks up to `radius` around queries, all at the same time."""
        masks, ends, away = rings(self.bits)
        buckets, away = codes[:, None] ^ masks[: ends[radius]], away[: ends[radius]]
        begins = self._begins[buckets]
        sizes = self._ends[buckets] - begins
        if k is not None:
            reached = sizes.cumsum(axis=1)
            done = reached[:, -1] >= k
            if not done.all():
                parts = [
                    self._around(codes[~done], k, None, radius + 1),
                    self._around(codes[done], k, None, radius),
                ]
                return join(parts).reordered(
                    np.argsort(np.argsort(done, kind="stable"))
                )
            radii = away[(reached < k).sum(axis=1)]
        assert radii is not None, "without k there are radii"
        taken = np.where(away <= radii[:, None], sizes, 0)
        further = np.zeros(codes.size, np.int64)
        if k is not None:
            further = taken.sum(axis=1) - k
            taken = np.minimum(taken, k)
        counts = taken.sum(axis=1)
        taken = taken.ravel()
        cells = np.arange(taken.size).repeat(taken)
        begins = begins.ravel() - (taken.cumsum() - taken)
        ids = self._ids(begins[cells] + np.arange(cells.size))
        rows, columns = np.divmod(cells, away.size)
        distances = away[columns].astype(np.int64)
        order = in_order(rows << 9 | distances, ids)
        if k is not None:
            firsts = counts.cumsum() - counts
            order = order[(firsts[:, None] + np.arange(k)).ravel()]
            counts = np.full(codes.size, k)
        words = self._words(buckets.ravel()[cells[order]])
        return Hits(counts, ids[order], distances[order], words, further)

    def _ids(self, places: np.ndarray) -> np.ndarray:
        """Ids of documents at places among those that are not removed."""
        if self._shift.size:
            places += self._shift.searchsorted(places, "right")
        return self.ids[places]

    def _words(self, codes: np.ndarray) -> np.ndarray:
        return (codes.astype(np.uint64) << np.uint64(64 - self.bits))[:, None]
