"""The table of 2^bits posting lists behind `HammingIndex`."""

from __future__ import annotations

import functools

import numpy as np

# Queries answered at a time: enough to hide Python's overhead, few enough that the
# candidates of all of them fit into memory even when buckets are badly skewed.
_QUERIES_AT_ONCE = 128


class PostingTable:
    """Documents grouped by code; immutable.

    Args:
        ids: Ids of the documents, int64 [n], strictly increasing.
        codes: Their codes as integers, uint16 [n], below 2**bits.
        bits: Length of the codes, 1 to 16.

    Attributes:
        ids: The ids given.
        sizes: int64 [2**bits], number of documents of each code.
    """

    def __init__(self, ids: np.ndarray, codes: np.ndarray, bits: int) -> None:
        self.ids = ids
        self.sizes = np.bincount(codes, minlength=1 << bits)
        self._bits = bits
        self._starts = np.cumsum(self.sizes) - self.sizes
        # Positions into `ids`, grouped by code. The sort is stable (for uint16 a
        # radix sort, linear in n), so every list is in the order of the ids.
        self._postings = np.argsort(codes, kind="stable")
        self._occupied = np.flatnonzero(self.sizes)

    def nearest(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest documents; of equally near ones those of the smaller ids.

        Args:
            queries: Codes as integers, [q].
            k: Number of documents per query.

        Returns:
            Ids, int64 [q, k], and distances, int32 [q, k], by distance and then
            id; -1 in both where the table has no k documents.
        """
        ids = np.full((queries.size, k), -1, np.int64)
        distances = np.full((queries.size, k), -1, np.int32)
        for start in range(0, queries.size, _QUERIES_AT_ONCE):
            block = slice(start, start + _QUERIES_AT_ONCE)
            self._fill(queries[block].astype(np.int64), ids[block], distances[block])
        return ids, distances

    def within(self, query: int, radius: int) -> tuple[np.ndarray, np.ndarray]:
        """All documents within a distance, by distance and then id.

        Args:
            query: Code as an integer.
            radius: Largest distance in bits.

        Returns:
            Ids, int64 [hits], and distances, int32 [hits].
        """
        rings = _rings(self._bits)[: radius + 1]
        if sum(ring.size for ring in rings) > self._occupied.size:
            buckets = self._occupied
        else:
            buckets = query ^ np.concatenate(rings)
        distances = np.bitwise_count(buckets ^ query).astype(np.int64)
        hit = (distances <= radius) & (self.sizes[buckets] > 0)
        buckets, distances = buckets[hit], distances[hit]
        sizes = self.sizes[buckets]
        keys = np.repeat(distances, sizes) * self.ids.size
        keys += self._positions(buckets, sizes)
        keys.sort()
        found, positions = np.divmod(keys, max(1, self.ids.size))
        return self.ids[positions], found.astype(np.int32)

    def _fill(
        self, queries: np.ndarray, ids: np.ndarray, distances: np.ndarray
    ) -> None:
        """Fills the rows of `ids` and `distances`, going outwards ring by ring."""
        filled = np.zeros(queries.size, np.int64)
        wanted = min(ids.shape[1], self.ids.size)
        visited = 0
        from_occupied = None
        for distance, ring in enumerate(_rings(self._bits)):
            open_rows = np.flatnonzero(filled < wanted)
            if open_rows.size == 0:
                return
            visited += ring.size
            if from_occupied is None and visited > self._occupied.size:
                # Mostly empty buckets from here on: measuring the distances of the
                # occupied ones is less work than visiting all of them.
                from_occupied = np.bitwise_count(queries[:, None] ^ self._occupied)
            if from_occupied is None:
                around = queries[open_rows, None] ^ ring
                # flatnonzero of booleans is many times as fast as nonzero.
                hits = np.flatnonzero(self.sizes[around] > 0)
                row, buckets = hits // ring.size, around.ravel()[hits]
            else:
                hits = np.flatnonzero(from_occupied[open_rows] == distance)
                row, column = np.divmod(hits, self._occupied.size)
                buckets = self._occupied[column]
            rows = open_rows[row]
            # No list can give more than there is room for, however long it is.
            taken = np.minimum(self.sizes[buckets], wanted - filled[rows])
            keys = np.repeat(rows, taken) * self.ids.size
            keys += self._positions(buckets, taken)
            keys.sort()
            rows, positions = np.divmod(keys, max(1, self.ids.size))
            found = np.bincount(rows, minlength=queries.size)
            rank = np.arange(rows.size) - (np.cumsum(found) - found)[rows]
            column = filled[rows] + rank
            fits = column < wanted
            rows, column = rows[fits], column[fits]
            ids[rows, column] = self.ids[positions[fits]]
            distances[rows, column] = distance
            filled = np.minimum(filled + found, wanted)

    def _positions(self, buckets: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """The first `taken` postings of each bucket, one after the other."""
        offsets = self._starts[buckets] - (np.cumsum(taken) - taken)
        return self._postings[np.repeat(offsets, taken) + np.arange(taken.sum())]


@functools.cache
def _rings(bits: int) -> list[np.ndarray]:
    """For each distance 0..bits, the masks that lead to the codes so far away."""
    counts = np.bitwise_count(np.arange(1 << bits))
    return [np.flatnonzero(counts == distance) for distance in range(bits + 1)]
