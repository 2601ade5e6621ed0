from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from wish_tf.dedup.parts import parts

# Buckets are of the first bits only: with more, most would hold a text or two, and
# the time would go into visiting buckets. The other bits are looked at pair by pair.
BUCKET_BITS = 12
# Shingles of the texts that are compared at a time, each text counted as TEXT more: of
# long texts what is held is bounded, of short ones it fits into the processor's cache.
BLOCK = 1 << 22
TEXT = 1 << 6


class CodeBlocks:
    """Which texts are compared with which: those whose codes are near each other, and
    whose sizes are.

    Args:
        codes: uint64 [n], the codes as integers.
        bits: their length.
        radius: the largest distance in bits of codes to be compared.
        sizes: int [n], the sizes of the texts.
        ratio: the least ratio of two sizes to be compared, at most 1.

    Attributes:
        pairs: number of pairs within the radius, as far as the buckets tell.
    """

    def __init__(
        self, codes: np.ndarray, bits: int, radius: int, sizes: np.ndarray, ratio: float
    ):
        self._radius, self._ratio = radius, ratio
        self._codes, self._sizes = codes, sizes
        self._whole = bits <= BUCKET_BITS
        buckets = codes >> np.uint64(max(0, bits - BUCKET_BITS))
        self._order = np.lexsort((sizes, buckets))
        self._ordered = sizes[self._order]
        self._buckets, starts = np.unique(buckets[self._order], return_index=True)
        self._ends = np.append(starts, codes.size)
        counts = np.diff(self._ends)
        twice = sum(
            int(counts[number]) * int(counts[self._near(number)].sum())
            for number in range(counts.size)
        )
        self.pairs = (twice - codes.size) // 2

    def __iter__(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yields how many texts have been on the left then, and the texts (left,
        right), int64 [l] and [r], whose shingles are at most `BLOCK` each.

        The pairs meant are those whose left text is the smaller, or, among those of one
        size, has the lesser number. Each comes once.
        """
        for number, (start, end) in enumerate(itertools.pairwise(self._ends)):
            near, bucket = self._near(number), self._order[start:end]
            for left in self._parts(bucket):
                sizes = self._sizes[bucket[left]]
                right = np.concatenate(
                    [self._between(other, sizes[0], sizes[-1]) for other in near]
                )
                for part in self._parts(right):
                    yield start + left.stop, bucket[left], right[part]

    def near(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether the codes of two texts are within the radius, bool [m]."""
        if self._whole:
            return np.ones(left.size, bool)
        apart = np.bitwise_count(self._codes[left] ^ self._codes[right])
        return apart <= self._radius

    def _parts(self, texts: np.ndarray) -> Iterator[slice]:
        return parts(np.append(0, np.cumsum(self._sizes[texts] + TEXT)), BLOCK)

    def _near(self, number: int) -> np.ndarray:
        apart = np.bitwise_count(self._buckets ^ self._buckets[number])
        return np.flatnonzero(apart <= self._radius)

    def _between(self, number: int, smallest: int, largest: int) -> np.ndarray:
        """The texts of a bucket that texts of such sizes are compared with."""
        bucket = slice(self._ends[number], self._ends[number + 1])
        sizes = self._ordered[bucket]
        start = np.searchsorted(sizes, smallest, side="left")
        most = np.ceil(largest / self._ratio)
        end = np.searchsorted(sizes, most, side="right")
        return self._order[bucket][start:end]
