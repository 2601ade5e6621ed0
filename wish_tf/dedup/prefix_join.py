from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wish_tf.dedup.parts import parts
from wish_tf.dedup.shingles import HASH_BITS
from wish_tf.dedup.stored_rows import StoredRows

# Shared shingles that are held at a time; about 100 bytes each.
PRODUCTS = 1 << 21
# Shingles that are sorted at a time.
SHINGLES = 1 << 18
# Shingles are counted in so many classes at most, of 2^n; the more there are, the fewer
# shingles that are not the same are counted, and compared, as one.
CLASS_BITS = 24
# Shingles are counted modulo 2 in so many classes.
PARITIES = 256
# Of the logarithm of a frequency; and what of a key is hash, and what is rank and hash.
RANK_BITS = np.uint64(7)
HASH = np.uint64((1 << HASH_BITS) - 1)
PLACE = np.uint64((1 << (7 + HASH_BITS)) - 1)
# Sizes of sets times a threshold are exact to this.
TOLERANCE = 1e-6


class PrefixJoin:
    """Pairs of sets that can have a Jaccard similarity of a threshold; misses none.

    Put all shingles in one order, the rarest first. Sets x and y, y being the larger,
    that reach the threshold t have t |y| or more in common, and 2 t / (1 + t) |x| or
    more. So the first that they have in common is in a prefix of each, after which
    fewer than so many are left. And they have no more in common than the two prefixes
    have, and what is left of the one that ends earlier in the order. (Xiao, Wang, Lin
    and Yu, "Efficient similarity joins for near-duplicate detection", WWW 2008.)

    A shingle that one of them lacks changes the parity of its class: they differ in as
    many shingles as parities, or more. (Sandes, Teodoro and Melo, "Bitmap filter:
    speeding up exact set similarity joins with bitwise operations", Information
    Systems 2020.)

    Args:
        sets: of `shingle_sets`, of n different texts.
        threshold: the least similarity, above 0 and at most 1.

    Attributes:
        sizes: int64 [n], of the sets, the whole text counted in.
    """

    def __init__(self, sets: StoredRows, threshold: float):
        self.sizes = sets.sizes + 1
        # What both have in common, of the sum of their sizes.
        self._share = threshold / (1 + threshold)
        # Of the prefixes: as the larger set, which is the longer one, and the smaller.
        self._lengths = np.stack(
            [self._prefix(threshold), self._prefix(2 * self._share)]
        )
        # Where in the order of shingles the prefixes of both lengths end.
        self._ends = np.empty(self._lengths.shape, np.uint64)
        self._parities = np.empty((self.sizes.size, PARITIES // 64), np.uint64)
        bits = min(CLASS_BITS, max(8, sets.columns.size.bit_length()))
        classes = StoredRows(self._classes(sets, bits))
        # A class in one prefix only joins nothing.
        joins = _frequency(classes, bits) > 1
        self._width = int(joins.sum())
        self._short = np.empty(self.sizes.size, np.int32)
        self._prefixes = StoredRows(self._joining(classes, joins))

    def candidates(
        self, left: np.ndarray, right: np.ndarray
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Compares sets with sets, a bounded number of products at a time.

        Args:
            left: numbers of sets, int64 [l].
            right: numbers of sets, int64 [r].

        Yields:
            How many pairs share a shingle of their prefixes, of those whose left set is
            the smaller or, at one size, has the lesser number; and the numbers (int64
            [m] each) of those that can reach the threshold.
        """
        ours = self._prefixes.matrix(left, self._width, self._short[left])
        theirs = self._prefixes.matrix(right, self._width).T.tocsr()
        each = np.diff(theirs.indptr)[ours.indices]
        # products[i]: of all sets before the i-th.
        products = np.append(0, np.cumsum(each, dtype=np.int64))[ours.indptr]
        for part in parts(products, PRODUCTS):
            shared = ours[part] @ theirs
            i = np.repeat(left[part], np.diff(shared.indptr))
            j = right[shared.indices]
            more = self.sizes[j] - self.sizes[i]
            once = (more > 0) | ((more == 0) & (j > i))
            i, j = i[once], j[once]
            kept = self._can_reach(i, j, shared.data[once])
            yield i.size, i[kept], j[kept]

    def _can_reach(
        self, smaller: np.ndarray, larger: np.ndarray, shared: np.ndarray
    ) -> np.ndarray:
        earlier = self._ends[0, larger] <= self._ends[1, smaller]
        left = self.sizes[larger] - self._lengths[0, larger]
        rest = np.where(earlier, left, self.sizes[smaller] - self._lengths[1, smaller])
        both = self.sizes[larger] + self.sizes[smaller]
        least = self._share * both - TOLERANCE
        kept = np.flatnonzero(shared + rest - 1 >= least)
        # The whole texts are two that are not in common, without a bit.
        differ = self._parities[larger[kept]] ^ self._parities[smaller[kept]]
        most = (both[kept] - 2 - np.bitwise_count(differ).sum(axis=1)) / 2
        return kept[most >= least[kept]]

    def _prefix(self, share: float) -> np.ndarray:
        """After how many of its shingles a set has less than a share of its size."""
        return self.sizes - np.ceil(share * self.sizes - TOLERANCE).astype(np.int64)

    def _classes(
        self, sets: StoredRows, bits: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the classes of the shingles of the longer prefixes, as `StoredRows`
        takes them, and notes the parities, and where the prefixes end."""
        shift = HASH_BITS - bits
        frequency = _frequency(sets, bits, shift).astype(np.float32)
        # A third of an octave is one rank: the order need not be finer.
        rank = (3 * np.log2(np.maximum(frequency, 1))).astype(np.uint8)
        for part, hashes, sizes in sets.parts(SHINGLES):
            row = np.repeat(np.arange(sizes.size), sizes)
            odd = np.bincount(
                row * PARITIES + hashes % PARITIES, minlength=sizes.size * PARITIES
            )
            self._parities[part] = (
                np.packbits(odd & 1 == 1).view(np.uint64).reshape(-1, PARITIES // 64)
            )
            keys = row.astype(np.uint64) << RANK_BITS | rank[hashes >> shift]
            keys = keys << np.uint64(HASH_BITS) | hashes.astype(np.uint64)
            keys.sort()
            first = np.cumsum(sizes) - sizes
            # Of an empty prefix nobody asks where it ends.
            self._ends[:, part] = keys[first + self._lengths[:, part] - 1] & PLACE
            keys = keys[_first_of_each(sizes, self._lengths[0, part])] & HASH
            yield (keys >> np.uint64(shift)).astype(np.int32), self._lengths[0, part]

    def _joining(
        self, classes: StoredRows, joins: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the numbers of the classes of the longer prefixes that join something,
        as `StoredRows` takes them, and notes how many are in the shorter ones."""
        numbers = np.cumsum(joins, dtype=np.int32) - 1
        for part, columns, sizes in classes.parts(SHINGLES):
            row = np.repeat(np.arange(sizes.size), sizes)
            kept = joins[columns]
            short = kept & _first_of_each(sizes, self._lengths[1, part])
            self._short[part] = np.bincount(row[short], minlength=sizes.size)
            yield numbers[columns[kept]], np.bincount(row[kept], minlength=sizes.size)


def _frequency(rows: StoredRows, bits: int, shift: int = 0) -> np.ndarray:
    """Returns how many of the columns are in each of 2^bits classes, uint32."""
    frequency = np.zeros(1 << bits, np.uint32)
    for _, columns, _ in rows.parts(SHINGLES):
        np.add.at(frequency, columns >> shift, np.uint32(1))
    return frequency


def _first_of_each(sizes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns which of the places in rows of such sizes are among the first so many of
    a row, bool [sum of sizes]."""
    position = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return position < np.repeat(counts, sizes)
