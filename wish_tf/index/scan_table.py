"""Codes in the order of their first bits: what is not searched otherwise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from wish_tf.index import columns as code_columns
from wish_tf.index.code_words import expand, leading, rings
from wish_tf.index.columns import to_columns, to_words
from wish_tf.index.hits import Hits, join, ranked
from wish_tf.index.table import NONE, Part, Table, starts_of

# Codes compared at once: they and their distances fit into the cache.
_CODES_AT_ONCE = 1 << 16
_QUERIES_AT_ONCE = 256
# So many codes are all compared at once, without a bound.
_FEW = 1 << 12
# Codes around a query's first bits that are looked at for a bound.
_PROBED = 1024
# Looking codes up at scattered places costs about so many times what reading them
# in order does.
_LOOK_UP_COST = 6
# What was found for a query: places and distances, [n].
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
    def build(cls, bits: int, ids: np.ndarray, parts: Iterable[Part]) -> ScanTable:
        """Sorts documents into a table (see `Table.build`)."""
        # A list for every 16 documents adds a quarter of a byte to each.
        first = min(bits, 16, max(1, ids.size.bit_length() - 4))
        sizes = np.zeros(1 << first, np.int64)
        columns = [np.empty(ids.size, f"u{w // 8}") for w in code_columns.widths(bits)]
        end = 0
        for words, numbers in parts:
            codes = leading(words, first)
            sizes += np.bincount(codes, minlength=sizes.size)
            order = codes.astype(np.uint16).argsort(kind="stable")
            begin, end = end, end + numbers.size
            ids[begin:end] = numbers[order]
            for column, part in zip(columns, to_columns(words, bits), strict=True):
                column[begin:end] = part[order]
        arrays = {"starts": starts_of(sizes), "ids": ids}
        arrays |= {f"codes{i}": column for i, column in enumerate(columns)}
        return cls(bits, arrays)

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

    def words(self, first: int, last: int) -> np.ndarray:
        """The codes of some lists in the order of `ids`, those of removed documents
        too."""
        part = slice(int(self.starts[first]), int(self.starts[last]))
        return to_words([column[part] for column in self.columns], self.bits)

    def nearest(self, words: np.ndarray, k: int) -> Hits:
        """The k nearest documents of each query; all if there are not so many."""
        return self._search(words, k, None)

    def within(self, words: np.ndarray, radii: np.ndarray) -> Hits:
        """All documents within each query's radius, radii int64 [q]."""
        return self._search(words, None, np.minimum(radii, self.bits))

    def _search(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        return join(
            [
                self._search_block(
                    words[at : at + _QUERIES_AT_ONCE],
                    k,
                    None if radii is None else radii[at : at + _QUERIES_AT_ONCE],
                )
                for at in range(0, max(1, len(words)), _QUERIES_AT_ONCE)
            ]
        )

    def _bound(self, query: list[np.unsignedinteger], word: np.ndarray, k: int) -> int:
        """A distance within which there are k documents: that of the k-th of those
        around the query's own first bits."""
        if len(self) <= k:
            return self.bits
        wanted = min(max(8 * k, _PROBED), self.ids.size)
        ends = rings(self._leading)[1]
        radius = bisect_left(ends, wanted * (self.starts.size - 1) / self.ids.size)
        for end in ends[radius:]:
            starts, sizes = self._lists(word, end)
            if sizes.sum() >= k:
                break
        near = self._away(expand(starts, sizes), query)
        return min(_kth(near, k), self.bits)

    def _search_block(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        columns = to_columns(words, self.bits)
        queries = [[column[row] for column in columns] for row in range(len(words))]
        bounds = [self.bits] * len(words) if radii is None else radii.tolist()
        found: dict[int, _Found] = {}
        to_scan = []
        for row, query in enumerate(queries):
            if self.ids.size <= _FEW:
                away = self._away(slice(None), query)
                if k is not None:
                    bounds[row] = _kth(away, k)
                near = np.flatnonzero(away <= min(bounds[row], self.bits))
                found[row] = near, away[near]
                continue
            if k is not None:
                bounds[row] = self._bound(query, words[row], k)
            places = self._near(words[row], bounds[row])
            if places is None:
                to_scan.append(row)
                continue
            away = self._away(places, query)
            near = np.flatnonzero(away <= bounds[row])
            found[row] = places[near], away[near]
        scanned = self._scan(
            [queries[row] for row in to_scan], k, [bounds[row] for row in to_scan]
        )
        found |= zip(to_scan, scanned, strict=True)
        none = [(np.empty(0, np.int64), np.empty(0, np.uint8))]
        parts = [found[row] for row in range(len(words))]
        rows = np.arange(len(parts)).repeat([places.size for places, _ in parts])
        places, away = map(np.concatenate, zip(*(parts or none), strict=True))
        away = away.astype(np.int64)
        ids = self.ids[places]
        order, counts, further = ranked(len(parts), rows, away, ids, k)
        places = places[order]
        codes = to_words([column[places] for column in self.columns], self.bits)
        return Hits(counts, ids[order], away[order], codes, further)

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

    def _near(self, word: np.ndarray, bound: int) -> np.ndarray | None:
        """Places of all documents whose first bits are within a bound, or None if
        reading all codes is less work."""
        end = rings(self._leading)[1][min(bound, self._leading)]
        if end > self.starts.size // _LOOK_UP_COST:
            return None
        starts, sizes = self._lists(word, end)
        few = sizes.sum() <= self.ids.size // _LOOK_UP_COST
        return expand(starts, sizes) if few else None

    def _lists(self, word: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Starts and sizes of so many lists around a code, the nearest first."""
        lists = rings(self._leading)[0][:count] ^ leading(word[None], self._leading)
        starts = self.starts[lists].astype(np.int64)
        return starts, self.starts[lists + 1] - starts

    def _scan(
        self,
        queries: list[list[np.unsignedinteger]],
        k: int | None,
        bounds: list[int],
    ) -> Iterator[_Found]:
        """Compares all codes with some queries: positions and distances within the
        bounds, which get narrower on the way if only k are wanted."""
        found: list[tuple[list[np.ndarray], list[np.ndarray]]]
        found = [([], []) for _ in queries]
        waiting = [0] * len(queries)
        scratch = [
            np.empty(min(_CODES_AT_ONCE, column.size), column.dtype)
            for column in self.columns
        ]
        for start in range(0, self.ids.size if queries else 0, _CODES_AT_ONCE):
            part = slice(start, start + _CODES_AT_ONCE)
            block = [column[part] for column in self.columns]
            first, last = self.removed.searchsorted([start, start + _CODES_AT_ONCE])
            removed = self.removed[first:last] - start
            for i, query in enumerate(queries):
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
                np.concatenate(distances or [np.empty(0, np.uint8)]),
            )


def _kth(distances: np.ndarray, k: int) -> int:
    """The distance within which there are k, or more than any if there are not."""
    return int(np.bincount(distances).cumsum().searchsorted(k))
