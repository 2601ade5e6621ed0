from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from wish_tf.dedup.shingles import HASH_BITS

# Shared shingles that are held at a time; about 12 bytes each.
PRODUCTS = 1 << 23
# Shingles that are sorted at a time.
SHINGLES = 1 << 20
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

    def __init__(self, sets: csr_array, threshold: float):
        self.sizes = np.diff(sets.indptr).astype(np.int64) + 1
        # What both have in common, of the sum of their sizes.
        self._share = threshold / (1 + threshold)
        lengths = np.stack([self._prefix(threshold), self._prefix(2 * self._share)])
        self._rests = self.sizes - 1 - lengths
        # Shingles that fall into one column add pairs and lose none.
        shift = max(0, HASH_BITS - max(8, sets.nnz.bit_length()))
        columns, self._ends, self._parities = _prefixes(sets, lengths, shift)
        # A shingle in one prefix only joins nothing.
        frequency = np.bincount(columns)
        number = np.cumsum(frequency > 1, dtype=np.int32) - 1
        starts = np.append(0, np.cumsum(lengths[0]))
        position = np.arange(columns.size) - np.repeat(starts[:-1], lengths[0])
        self._as_larger, self._as_smaller = (
            _matrix(
                number[columns],
                (frequency[columns] > 1) & (position < np.repeat(length, lengths[0])),
                starts,
            )
            for length in lengths
        )

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
        ours = self._as_smaller[left]
        theirs = self._as_larger[right].T.tocsr()
        each = np.diff(theirs.indptr)[ours.indices]
        # products[i]: of all sets before the i-th.
        products = np.append(0, np.cumsum(each, dtype=np.int64))[ours.indptr]
        start = 0
        while start < left.size:
            limit = products[start] + PRODUCTS
            end = int(np.searchsorted(products, limit, side="right")) - 1
            end = max(start + 1, end)
            if products[end] > products[start]:
                shared = ours[start:end] @ theirs
                i = np.repeat(left[start:end], np.diff(shared.indptr))
                j = right[shared.indices]
                more = self.sizes[j] - self.sizes[i]
                once = (more > 0) | ((more == 0) & (j > i))
                i, j = i[once], j[once]
                kept = self._can_reach(i, j, shared.data[once])
                yield i.size, i[kept], j[kept]
            start = end

    def _can_reach(
        self, smaller: np.ndarray, larger: np.ndarray, shared: np.ndarray
    ) -> np.ndarray:
        earlier = self._ends[0, larger] <= self._ends[1, smaller]
        rest = np.where(earlier, self._rests[0, larger], self._rests[1, smaller])
        both = self.sizes[larger] + self.sizes[smaller]
        least = self._share * both - TOLERANCE
        kept = np.flatnonzero(shared + rest >= least)
        # The whole texts are two that are not in common, without a bit.
        differ = self._parities[larger[kept]] ^ self._parities[smaller[kept]]
        most = (both[kept] - 2 - np.bitwise_count(differ).sum(axis=1)) / 2
        return kept[most >= least[kept]]

    def _prefix(self, share: float) -> np.ndarray:
        """After how many of its shingles a set has less than a share of its size."""
        return self.sizes - np.ceil(share * self.sizes - TOLERANCE).astype(np.int64)


def _prefixes(
    sets: csr_array, lengths: np.ndarray, shift: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the columns of all longer prefixes, one after the other; where in the
    order of shingles the prefixes of both lengths end, uint64 [2, n]; and the parities,
    uint64 [n, PARITIES / 64]."""
    frequency = np.zeros(1 << (HASH_BITS - shift), np.int64)
    for start, end in _chunks(sets.indptr):
        columns = sets.indices[sets.indptr[start] : sets.indptr[end]] >> shift
        frequency += np.bincount(columns, minlength=frequency.size)
    # A third of an octave is one rank: the order need not be finer.
    rank = (3 * np.log2(np.maximum(frequency, 1))).astype(np.uint64)
    parts = [np.empty(0, np.int32)]
    ends = np.empty(lengths.shape, np.uint64)
    parities = np.empty((lengths.shape[1], PARITIES // 64), np.uint64)
    for start, end in _chunks(sets.indptr):
        part = slice(start, end)
        hashes = sets.indices[sets.indptr[start] : sets.indptr[end]]
        sizes = np.diff(sets.indptr[start : end + 1])
        row = np.repeat(np.arange(end - start), sizes)
        bits = np.bincount(
            row * PARITIES + hashes % PARITIES, minlength=(end - start) * PARITIES
        )
        parities[part] = (
            np.packbits(bits & 1 == 1).view(np.uint64).reshape(-1, PARITIES // 64)
        )
        keys = row.astype(np.uint64)
        keys = (keys << RANK_BITS | rank[hashes >> shift]) << np.uint64(HASH_BITS)
        keys |= hashes.astype(np.uint64)
        keys.sort()
        first = sets.indptr[part] - sets.indptr[start]
        position = np.arange(keys.size) - np.repeat(first, sizes)
        # Of an empty prefix nobody asks where it ends.
        ends[:, part] = keys[first + lengths[:, part] - 1] & PLACE
        keys = keys[position < np.repeat(lengths[0, part], sizes)] & HASH
        parts.append((keys >> np.uint64(shift)).astype(np.int32))
    return np.concatenate(parts), ends, parities


def _chunks(indptr: np.ndarray) -> Iterator[tuple[int, int]]:
    start, n = 0, indptr.size - 1
    while start < n:
        limit = int(indptr[start]) + SHINGLES
        end = int(np.searchsorted(indptr, limit, side="right")) - 1
        yield start, max(start + 1, end)
        start = max(start + 1, end)


def _matrix(columns: np.ndarray, kept: np.ndarray, starts: np.ndarray) -> csr_array:
    indptr = np.append(0, np.cumsum(kept))[starts]
    indices = columns[kept]
    parts = np.ones(indices.size, np.int32), indices, indptr
    return csr_array(parts, shape=(starts.size - 1, columns.max(initial=-1) + 2))
