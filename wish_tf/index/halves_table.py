"""Multi-index hashing with two tables: codes of 17 to 32 bits."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from wish_tf.index.code_words import expand, leading, rings
from wish_tf.index.found import Found
from wish_tf.index.hits import Hits, ranked
from wish_tf.index.table import NONE, Part, Table, are_starts, starts_of

# Candidates compared in one step.
_AT_ONCE = 1 << 18
# Rows, and their buckets: values, starts and sizes, [rows, buckets].
_Buckets = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class HalvesTable(Table):
    """Documents by the first and by the second half of their codes; immutable.

    Multi-index hashing (Norouzi, Punjani and Fleet, 2012): codes at most 2s + 1
    bits apart have a half in which they are at most s bits apart. A query looks
    around its first half among all documents, and around its second among all
    distinct codes, for s = 0, 1, 2, ...; the halves of a document's code are never
    kept whole, since the place in the table says one of them.

    The codes have 17 to 32 bits. `starts` has an entry for each first half, `ids` are
    by code and then id; `second` uint16 [n] are their second halves; `second_starts`
    [2**(bits - h) + 1] says where the codes of each second half begin, and `first`
    uint16 holds the first halves of the distinct codes by second half.
    """

    def __init__(
        self, bits: int, arrays: Mapping[str, np.ndarray], removed: np.ndarray = NONE
    ) -> None:
        super().__init__(bits, arrays, removed)
        self._widths = _halves(bits)  # of the first half and of the second

    @classmethod
    def build(cls, bits: int, ids: np.ndarray, parts: Iterable[Part]) -> HalvesTable:
        high, low = _halves(bits)
        sizes, second_sizes = (np.zeros(1 << width, np.int64) for width in (high, low))
        second = np.empty(ids.size, np.uint16)
        turned_parts = []
        end = 0
        for words, numbers in parts:
            codes = words[:, 0] >> np.uint64(64 - bits)
            if ids.dtype == np.int32:
                # One sort of code and id together is several times as fast as two.
                codes <<= np.uint64(32)
                codes |= numbers.astype(np.uint64)
                codes.sort()
                numbers = codes.astype(np.uint32).view(np.int32)
                codes >>= np.uint64(32)
            else:
                order = np.lexsort((numbers, codes))
                codes, numbers = codes[order], numbers[order]
            begin, end = end, end + numbers.size
            ids[begin:end] = numbers
            second[begin:end] = codes & np.uint64((1 << low) - 1)
            sizes += _counts(codes >> np.uint64(low), high)
            new = np.ones(codes.size, bool)
            new[1:] = codes[1:] != codes[:-1]
            codes = codes[new].astype(np.uint32)
            mask = np.uint32((1 << low) - 1)
            turned = np.sort((codes & mask) << np.uint32(16) | codes >> np.uint32(low))
            counts = _counts(turned >> np.uint32(16), low)
            second_sizes += counts
            turned_parts.append((counts, turned.astype(np.uint16)))
        second_starts = starts_of(second_sizes)
        first = np.empty(int(second_starts[-1]), np.uint16)
        begins = second_starts[:-1].astype(np.int64)
        for counts, turned in turned_parts:
            first[expand(begins, counts)] = turned
            begins += counts
        return cls(
            bits,
            {
                "starts": starts_of(sizes),
                "ids": ids,
                "second": second,
                "second_starts": second_starts,
                "first": first,
            },
        )

    def is_sound(self) -> bool:
        arrays = self.arrays
        first, second = arrays["first"], arrays["second"]
        return bool(
            second.shape == self.ids.shape
            and second.dtype == first.dtype == np.uint16
            and all(
                starts.size == (1 << width) + 1 and are_starts(starts, listed.size)
                for starts, width, listed in (
                    (self.starts, self._widths[0], self.ids),
                    (arrays["second_starts"], self._widths[1], first),
                )
            )
        )

    def words(self, first: int, last: int) -> np.ndarray:
        starts = self.starts[first : last + 1]
        firsts = np.arange(first, last, dtype=np.uint64).repeat(np.diff(starts))
        return self._words(firsts, self.arrays["second"][starts[0] : starts[-1]])

    def _block(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        codes = leading(words, self.bits)
        bounds = np.full(codes.size, self.bits) if radii is None else radii
        found = Found(codes, k, bounds, self.bits)
        first_width, second_width = self._widths
        firsts, seconds = codes >> second_width, codes & ((1 << second_width) - 1)
        for s in range(max(self._widths) + 1):
            # Documents less than 2s away are known by now.
            if not found.reaching(2 * s).size:
                break
            if s <= first_width:
                for part in self._parts(found, firsts, s, "starts"):
                    self._around_first(found, part, seconds, s)
            if s <= second_width:
                for part in self._parts(found, seconds, s, "second_starts"):
                    self._around_second(found, part, firsts, s)
        rows, positions, firsts, distances = found.joined()
        ids = self.ids[positions]
        order, counts, further = ranked(codes.size, rows, distances, ids, k)
        seconds = self.arrays["second"][positions[order]]
        words = self._words(firsts[order], seconds)
        return Hits(counts, ids[order], distances[order], words, further)

    def _parts(
        self, found: Found, halves: np.ndarray, s: int, name: str
    ) -> Iterator[_Buckets]:
        """Yields rows with their buckets s bits away: values, starts and sizes, each
        [rows, buckets]; not too many documents at a time. Rows for which these would
        be most of all are answered by comparing everything."""
        by_second = name == "second_starts"
        starts = self.arrays[name]
        masks, ends, _ = rings(self._widths[by_second])
        ring = masks[ends[s - 1] if s else 0 : ends[s]]
        step = max(1, _AT_ONCE // (16 * ring.size))
        rows = found.reaching(2 * s + by_second)
        for at in range(0, rows.size, step):
            part = rows[at : at + step]
            buckets = halves[part, None] ^ ring
            begins = starts[buckets].astype(np.int64)
            sizes = starts[buckets + 1] - begins
            total = sizes.sum(axis=1)
            for row in part[total > self.ids.size // 4].tolist():
                self._compare_all(found, row)
            few = np.flatnonzero(total <= self.ids.size // 4)
            groups = np.cumsum(total[few]) // _AT_ONCE
            for group in range(int(groups[-1]) + 1 if few.size else 0):
                chosen = few[groups == group]
                if chosen.size == len(part):
                    yield part, buckets, begins, sizes
                elif chosen.size:
                    yield part[chosen], buckets[chosen], begins[chosen], sizes[chosen]

    def _around_first(
        self, found: Found, part: _Buckets, seconds: np.ndarray, s: int
    ) -> None:
        rows, buckets, begins, sizes = part
        positions = expand(begins.ravel(), sizes.ravel())
        each = sizes.sum(axis=1)
        away = _spread(seconds[rows].astype(np.uint32), each)
        away = np.bitwise_count(self.arrays["second"][positions] ^ away)
        # Those nearer in their second half were found there.
        near = away <= _spread(found.bounds[rows] - s, each)
        near = np.flatnonzero(near & (away >= s) if s else near)
        positions = positions[near]
        bucket = np.searchsorted(np.cumsum(sizes.ravel()), near, side="right")
        self._add(
            found,
            rows[bucket // sizes.shape[1]],
            positions,
            buckets.ravel()[bucket],
            away[near].astype(np.int64) + s,
        )

    def _around_second(
        self, found: Found, part: _Buckets, firsts: np.ndarray, s: int
    ) -> None:
        rows, buckets, begins, sizes = part
        places = expand(begins.ravel(), sizes.ravel())
        each = sizes.sum(axis=1)
        listed = self.arrays["first"][places]
        away = np.bitwise_count(listed ^ _spread(firsts[rows].astype(np.uint32), each))
        # Those as near in their first half were found there.
        near = (away <= _spread(found.bounds[rows] - s, each)) & (away > s)
        near = np.flatnonzero(near)
        listed = listed[near].astype(np.int64)
        bucket = np.searchsorted(np.cumsum(sizes.ravel()), near, side="right")
        begins, sizes_found = self._documents_of(listed, buckets.ravel()[bucket])
        self._add(
            found,
            np.repeat(rows[bucket // sizes.shape[1]], sizes_found),
            expand(begins, sizes_found),
            np.repeat(listed, sizes_found),
            np.repeat(away[near].astype(np.int64) + s, sizes_found),
        )

    def _add(
        self,
        found: Found,
        rows: np.ndarray,
        places: np.ndarray,
        firsts: np.ndarray,
        distances: np.ndarray,
    ) -> None:
        if self.removed.size:
            left = ~self.are_removed(places)
            rows, places = rows[left], places[left]
            firsts, distances = firsts[left], distances[left]
        found.add(rows, places, firsts, distances)

    def _documents_of(
        self, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the documents of codes begin, and how many there are: bisection of
        the codes' lists, all at the same time."""
        wanted = np.concatenate([second, second + 1])
        low = np.tile(self.starts[first].astype(np.int64), 2)
        high = np.tile(self.starts[first + 1].astype(np.int64), 2)
        last = self.ids.size - 1
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            below = self.arrays["second"][np.minimum(middle, last)] < wanted
            below &= low < high
            low = np.where(below, middle + 1, low)
            high = np.where(below, high, middle)
        begins = low[: first.size]
        return begins, low[first.size :] - begins

    def _compare_all(self, found: Found, row: int) -> None:
        code = found.codes[row]
        width = self._widths[1]
        starts = self.starts
        away = np.bitwise_count(np.arange(starts.size - 1) ^ (code >> width))
        away = np.repeat(away, np.diff(starts))
        second = np.uint32(code & ((1 << width) - 1))
        away += np.bitwise_count(self.arrays["second"] ^ second)
        away[self.removed] = self.bits + 1
        bound = int(found.bounds[row])
        if found.k is not None:
            enough = range(bound + 1)
            bound = bisect.bisect_left(
                enough, found.k, key=lambda d: int(np.count_nonzero(away <= d))
            )
        near = np.flatnonzero(away <= bound)
        first = np.searchsorted(starts, near, side="right") - 1
        found.replace(row, near, first, away[near].astype(np.int64))

    def _words(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        codes = first.astype(np.uint64) << np.uint64(self._widths[1])
        return ((codes | second) << np.uint64(64 - self.bits))[:, None]


def _halves(bits: int) -> tuple[int, int]:
    return bits // 2, bits - bits // 2


def _counts(values: np.ndarray, bits: int) -> np.ndarray:
    """How often each value of so many bits occurs."""
    return np.bincount(values.astype(np.int64), minlength=1 << bits)


def _spread(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Repeats values; a single one is left to NumPy's broadcasting."""
    return values if values.size == 1 else np.repeat(values, sizes)
