"""Codes in the order of their first bits: what is not searched otherwise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wish_tf.index import columns as code_columns
from wish_tf.index.code_words import expand, leading, rings
from wish_tf.index.columns import to_columns, to_words
from wish_tf.index.hits import Hits, join, ranked
from wish_tf.index.table import NONE, Table, starts_of

# Codes compared at once: they and their distances fit into the cache.
_CODES_AT_ONCE = 1 << 16
# Codes around a query's first bits that are looked at for a bound.
_PROBED = 1024
# Looking codes up at scattered places costs about so many times what reading them
# in order does.
_LOOK_UP_COST = 6
# What was found for a query: positions and distances, int64 [n].
_Found = tuple[np.ndarray, np.ndarray]


class ScanTable(Table):
    """Documents in the order of the first bits of their codes; immutable.

    A query first looks around its own first bits. That bounds the distance of its
    k-th document; only documents whose first bits are within the bound can be
    nearer. If they are few they are looked up, otherwise all codes are compared.

    The codes have 1 to 256 bits; `codes0` and so on are they, unsigned arrays [n] as
    in `columns.widths`.
    """

    def __init__(
        self, bits: int, arrays: Mapping[str, np.ndarray], removed: np.ndarray = NONE
    ) -> None:
        super().__init__(bits, arrays, removed)
        self.columns = [arrays[f"codes{i}"] for i in range(len(arrays) - 2)]
        self._leading = int(self.starts.size - 1).bit_length() - 1

    @classmethod
    def build(cls, bits: int, words: np.ndarray, ids: np.ndarray) -> ScanTable:
        """Sorts documents, words uint64 [n, w] and ids [n], into a table."""
        # A list for every 16 documents adds a quarter of a byte to each.
        first = min(bits, 16, max(1, ids.size.bit_length() - 4))
        codes = leading(words, first)
        order = np.argsort(codes.astype(np.uint16), kind="stable")
        columns = to_columns(words[order], bits)
        named = {f"codes{i}": column for i, column in enumerate(columns)}
        return cls(
            bits, {"starts": starts_of(codes, first), "ids": ids[order], **named}
        )

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all codes."""
        widths = [8 * column.dtype.itemsize for column in self.columns]
        return bool(
            self.starts.size == (1 << self._leading) + 1
            and 1 <= self._leading <= min(16, self.bits)
            and widths == code_columns.widths(self.bits)
            and all(
                column.shape == self.ids.shape and column.dtype.kind == "u"
                for column in self.columns
            )
            and super().is_sound()
        )

    def words(self) -> np.ndarray:
        """The codes in the order of `ids`, those of removed documents too."""
        return to_words(self.columns, self.bits)

    def nearest(self, words: np.ndarray, k: int) -> Hits:
        """The k nearest documents of each query; all if there are not so many."""
        bounds = np.empty(len(words), np.int64)
        queries = to_columns(words, self.bits)
        for row in range(len(words)):
            bounds[row] = self._bound(
                [column[row] for column in queries], words[row], k
            )
        return self._search(words, queries, k, bounds)

    def within(self, words: np.ndarray, radii: np.ndarray) -> Hits:
        """All documents within each query's radius, radii int64 [q]."""
        radii = np.minimum(radii, self.bits)
        return self._search(words, to_columns(words, self.bits), None, radii)

    def _bound(self, query: list[np.unsignedinteger], word: np.ndarray, k: int) -> int:
        """A distance within which there are k documents: that of the k-th of those
        around the query's own first bits."""
        if len(self) <= k:
            return self.bits
        wanted = max(8 * k, _PROBED)
        if wanted > self.ids.size // 4:
            away = self._away(slice(None), query)
            return int(np.bincount(away).cumsum().searchsorted(k))
        masks, ends, _ = rings(self._leading)
        radius = bisect_left(ends, wanted * (self.starts.size - 1) / self.ids.size)
        for end in ends[radius:]:
            buckets = masks[:end] ^ leading(word[None], self._leading)
            starts = self.starts[buckets].astype(np.int64)
            sizes = self.starts[buckets + 1] - starts
            if sizes.sum() >= k:
                break
        positions = expand(starts, sizes)
        near = self._away(positions, query)
        return min(int(np.partition(near, k - 1)[k - 1]), self.bits)

    def _search(
        self,
        words: np.ndarray,
        queries: list[np.ndarray],
        k: int | None,
        bounds: np.ndarray,
    ) -> Hits:
        found: dict[int, _Found] = {}
        to_scan = []
        for row in range(len(words)):
            query = [column[row] for column in queries]
            positions = self._few(words[row], int(bounds[row]))
            if positions is None:
                to_scan.append(row)
                continue
            away = self._away(positions, query)
            near = np.flatnonzero(away <= bounds[row])
            found[row] = positions[near], away[near].astype(np.int64)
        scanned = self._scan(queries, to_scan, k, bounds)
        found |= zip(to_scan, scanned, strict=True)
        return join(
            [self._hits(*found[row], k) for row in range(len(words))]
            or [self._hits(np.empty(0, np.int64), np.empty(0, np.int64), k, 0)]
        )

    def _away(
        self, places: np.ndarray | slice, query: list[np.unsignedinteger]
    ) -> np.ndarray:
        """Distances from a query, more than there are bits for removed documents."""
        around = [column[places] for column in self.columns]
        away = code_columns.distances(around, query)
        if isinstance(places, slice):
            away[self.removed] = self.bits + 1
        elif self.removed.size:
            away[self.are_removed(places)] = self.bits + 1
        return away

    def _few(self, word: np.ndarray, bound: int) -> np.ndarray | None:
        """Positions of all documents whose first bits are within a bound, or None if
        reading all codes is less work."""
        masks, ends, _ = rings(self._leading)
        end = ends[min(bound, self._leading)]
        if end > self.starts.size // _LOOK_UP_COST:
            return None
        buckets = masks[:end] ^ leading(word[None], self._leading)
        starts = self.starts[buckets].astype(np.int64)
        sizes = self.starts[buckets + 1] - starts
        few = sizes.sum() <= self.ids.size // _LOOK_UP_COST
        return expand(starts, sizes) if few else None

    def _scan(
        self,
        queries: list[np.ndarray],
        rows: Sequence[int],
        k: int | None,
        radii: np.ndarray,
    ) -> Iterator[_Found]:
        """Compares all codes with some queries: positions and distances within the
        bounds, which get narrower on the way if only k are wanted."""
        found: list[tuple[list[np.ndarray], list[np.ndarray]]]
        found = [([], []) for _ in rows]
        waiting = [0] * len(rows)
        bounds = [int(radii[row]) for row in rows]
        values = [[column[row] for column in queries] for row in rows]
        scratch = [
            np.empty(min(_CODES_AT_ONCE, column.size), column.dtype)
            for column in self.columns
        ]
        for start in range(0, self.ids.size if rows else 0, _CODES_AT_ONCE):
            part = slice(start, start + _CODES_AT_ONCE)
            block = [column[part] for column in self.columns]
            first, last = self.removed.searchsorted([start, start + _CODES_AT_ONCE])
            removed = self.removed[first:last] - start
            for i, query in enumerate(values):
                away = code_columns.distances(block, query, scratch)
                away[removed] = self.bits + 1
                near = np.flatnonzero(away <= bounds[i])
                if near.size == 0:
                    continue
                positions, distances = found[i]
                positions.append(near + start)
                distances.append(away[near])
                waiting[i] += near.size
                if k is not None and waiting[i] > 4 * k + 256:
                    joined = np.concatenate(distances)
                    bounds[i] = int(np.partition(joined, k - 1)[k - 1])
                    near = np.flatnonzero(joined <= bounds[i])
                    positions[:] = [np.concatenate(positions)[near]]
                    distances[:] = [joined[near]]
                    waiting[i] = 0
        for positions, distances in found:
            yield (
                np.concatenate(positions or [np.empty(0, np.int64)]),
                np.concatenate(distances or [np.empty(0, np.int64)]).astype(np.int64),
            )

    def _hits(
        self,
        positions: np.ndarray,
        away: np.ndarray,
        k: int | None,
        queries: int = 1,
    ) -> Hits:
        ids = self.ids[positions]
        order, counts, further = ranked(
            queries, np.zeros(ids.size, np.int64), away, ids, k
        )
        codes = [column[positions[order]] for column in self.columns]
        return Hits(
            counts, ids[order], away[order], to_words(codes, self.bits), further
        )
