from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

# Rows are float32: a cosine is exact to about 1e-7.
TOLERANCE = 1e-6
# Products of a block that are held at a time; about 12 bytes each.
PRODUCTS = 1 << 23
# Words at which the norm of what follows is known for each row.
LEVELS = 32


class PrefixJoin:
    """Pairs of rows that can have a cosine of at least a threshold; misses none.

    Put the words of all rows in one order, the rarest first, and let x(w) be the
    words of x from w on. By Cauchy-Schwarz a pair that reaches the threshold t shares
    a word w with |x(w)| >= t and |y(w)| >= t: one of the prefix x' that is left of x
    when the longest rest with a norm below t is cut off, and of y'. And whatever the
    word v inside both prefixes, x y is at most x' y' + |x(v)| |y(v)|.
    (Prefix filtering: Bayardo, Ma and Srikant, "Scaling Up All Pairs Similarity
    Search", WWW 2007; the norms of the rests: Anastasiu and Karypis, "L2AP", ICDE
    2014.)

    Args:
        rows: CSR float32 [n, words], each of norm 1 or empty.
        threshold: the least cosine, above 0 and at most 1.
    """

    def __init__(self, rows: csr_array, threshold: float):
        self._threshold = threshold - TOLERANCE
        ranked = _rarest_first(rows)
        prefixes, ends = _prefixes(ranked, self._threshold)
        levels = np.unique(np.sort(ends)[:: 1 + ends.size // LEVELS])
        self._rests = _rests(ranked, levels)
        self._level = np.searchsorted(levels, ends, side="right") - 1
        frequency = np.bincount(prefixes.indices, minlength=rows.shape[1])
        # A word in one prefix only joins nothing.
        self._prefixes = prefixes[:, np.flatnonzero(frequency > 1)]

    def candidates(
        self, left: np.ndarray, right: np.ndarray
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Compares rows with rows, a bounded number of products at a time.

        Args:
            left: places of rows, int64 [l].
            right: places of rows, int64 [r].

        Yields:
            How many pairs, of those whose right place is the greater, share a word
            of their prefixes, and the places (int64 [m] each) of those that can
            reach the threshold.
        """
        ours = self._prefixes[left]
        theirs = self._prefixes[right].T.tocsr()
        each = np.diff(theirs.indptr)[ours.indices]
        # products[i]: of all rows before the i-th.
        products = np.append(0, np.cumsum(each, dtype=np.int64))[ours.indptr]
        start = 0
        while start < left.size:
            limit = products[start] + PRODUCTS
            end = int(np.searchsorted(products, limit, side="right")) - 1
            end = max(start + 1, end)
            if products[end] > products[start]:
                shared = ours[start:end] @ theirs
                rows = np.repeat(left[start:end], np.diff(shared.indptr))
                columns = right[shared.indices]
                once = columns > rows
                rows, columns = rows[once], columns[once]
                most = shared.data[once] + self._most_of_rests(rows, columns)
                kept = most >= self._threshold
                yield rows.size, rows[kept], columns[kept]
            start = end

    def _most_of_rests(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        level = np.minimum(self._level[left], self._level[right])
        return self._rests[left, level] * self._rests[right, level]


def _rarest_first(rows: csr_array) -> csr_array:
    """Numbers the words by how many rows hold them. Signs are dropped: the bounds
    are those of absolute values."""
    rank = np.empty(rows.shape[1], np.int32)
    frequency = np.bincount(rows.indices, minlength=rows.shape[1])
    rank[np.argsort(frequency, kind="stable")] = np.arange(rows.shape[1])
    parts = (np.abs(rows.data), rank[rows.indices], rows.indptr)
    return csr_array(parts, shape=rows.shape).sorted_indices()


def _prefixes(ranked: csr_array, threshold: float) -> tuple[csr_array, np.ndarray]:
    """Returns the prefixes, and for each row the word after its prefix, int [n]."""
    squares = np.append(0.0, np.cumsum(np.square(ranked.data, dtype=np.float64)))
    from_here = np.repeat(squares[ranked.indptr[1:]], np.diff(ranked.indptr))
    from_here -= squares[:-1]
    kept = from_here >= threshold**2
    indptr = np.append(0, np.cumsum(kept))[ranked.indptr]
    parts = (ranked.data[kept], ranked.indices[kept], indptr)
    # The words of a prefix are the first of their row.
    after = ranked.indptr[:-1] + np.diff(indptr)
    words = np.append(ranked.indices, 0)[after]
    ends = np.where(after < ranked.indptr[1:], words, ranked.shape[1])
    return csr_array(parts, shape=ranked.shape), ends


def _rests(ranked: csr_array, levels: np.ndarray) -> np.ndarray:
    """Returns the norms of the rows from some words on, float32 [n, len(levels)]."""
    n = ranked.shape[0]
    level = np.searchsorted(levels, ranked.indices, side="right")
    row = np.repeat(np.arange(n), np.diff(ranked.indptr))
    width = levels.size + 1
    squares = np.bincount(
        row * width + level, np.square(ranked.data), minlength=n * width
    ).reshape(n, width)
    rests = squares[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return np.sqrt(rests).astype(np.float32)
