from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Buckets are of the first bits only: with more, most would hold a text or two, and
# the time would go into visiting buckets. The other bits are looked at pair by pair.
BUCKET_BITS = 12
# Rows compared at a time; what is kept of them fits into the processor's cache.
BLOCK_ROWS = 1 << 16


class CodeBlocks:
    """Which texts are compared with which: those whose codes are near each other.

    Texts are put in the order of their buckets, and the places here are places in
    that order. Each pair of neighbouring buckets comes up once.

    Args:
        codes: uint64 [n], the codes as integers.
        bits: their length.
        radius: the largest distance in bits of codes to be compared.

    Attributes:
        order: int64 [n], the text at each place.
        pairs: number of pairs that are compared, as far as the buckets tell.
    """

    def __init__(self, codes: np.ndarray, bits: int, radius: int):
        self._radius = radius
        buckets = codes >> np.uint64(max(0, bits - BUCKET_BITS))
        self.order = np.argsort(buckets, kind="stable")
        self._codes = codes[self.order]
        self._whole = bits <= BUCKET_BITS
        self._buckets, starts = np.unique(buckets[self.order], return_index=True)
        self._ends = np.append(starts, codes.size)
        self.pairs = sum(
            self.pairs_between(left, right) for left, right in self._pairs_of_blocks()
        )

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields places (left, right), int64 [l] and [r], at most `BLOCK_ROWS` each.

        The pairs meant are those whose right place is the greater.
        """
        for left, right in self._pairs_of_blocks():
            for start in range(0, right.size, BLOCK_ROWS):
                yield left, right[start : start + BLOCK_ROWS]

    @staticmethod
    def pairs_between(left: np.ndarray, right: np.ndarray) -> int:
        """Number of pairs whose right place is the greater.

        `left` are successive places, and `right` increase.
        """
        own = right[: np.searchsorted(right, left[-1], side="right")]
        before_own = int((own - left[0]).sum()) if own.size else 0
        return before_own + left.size * (right.size - own.size)

    def near(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether the codes at two places are within the radius, bool [m]."""
        if self._whole:
            return np.ones(left.size, bool)
        apart = np.bitwise_count(self._codes[left] ^ self._codes[right])
        return apart <= self._radius

    def _pairs_of_blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number, bucket in enumerate(self._buckets):
            apart = np.bitwise_count(self._buckets[number + 1 :] ^ bucket)
            later = number + 1 + np.flatnonzero(apart <= self._radius)
            neighbours = [
                np.arange(self._ends[other], self._ends[other + 1]) for other in later
            ]
            end = self._ends[number + 1]
            for start in range(self._ends[number], end, BLOCK_ROWS):
                left = np.arange(start, min(start + BLOCK_ROWS, end))
                yield left, np.concatenate([np.arange(start, end), *neighbours])
