from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from wish_tf.codes import check_bits, codes_to_int
from wish_tf.dedup.code_blocks import CodeBlocks
from wish_tf.dedup.components import Components
from wish_tf.dedup.duplicates import Duplicates
from wish_tf.dedup.prefix_join import TOLERANCE, PrefixJoin
from wish_tf.dedup.rows import (
    PAIRS,
    cosines,
    first_of_equal,
    similarities,
    tfidf_rows,
)
from wish_tf.errors import InputError


class Deduplicator:
    """Finds groups of near-duplicate texts.

    Two texts are duplicates if the cosine of their tf-idf rows is at least the
    threshold; groups are the connected components. Without codes every such pair is
    found. With codes only texts whose codes are within the radius are compared,
    which spares most of the work and misses the pairs whose codes are further
    apart; texts with the same words are found at any distance.

    Args:
        threshold: the least cosine, above 0 and at most 1.
        radius: the largest Hamming distance of the codes of two texts that are
            compared, at least 0.

    Raises:
        InputError: when one of them is out of its range.

    Examples:
        >>> texts = ["the cat sat", "a dog", "The cat sat.", "the dog"]
        >>> found = Deduplicator(threshold=0.9).find(texts)
        >>> found.first.tolist()
        [0, 1, 0, 3]
        >>> [group.tolist() for group in found.groups]
        [[0, 2]]
    """

    def __init__(self, threshold: float = 0.8, radius: int = 2):
        if not 0 < threshold <= 1:
            raise InputError(
                f"expected a threshold above 0 and at most 1; got {threshold}"
            )
        try:
            self.radius = operator.index(radius)
        except TypeError:
            raise InputError(
                f"expected radius to be an integer; got {radius!r}"
            ) from None
        if self.radius < 0:
            raise InputError(f"expected a radius of at least 0; got {radius}")
        self.threshold = float(threshold)

    def find(
        self,
        texts: Sequence[str],
        codes: ArrayLike | None = None,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Duplicates:
        """Finds the duplicates among texts.

        The words and their idf are of these texts themselves, all words included, so
        that it does not matter which words a model knows. Texts without a word (of
        two letters or digits or more) are duplicates if they are equal but for
        letter case and space.

        Args:
            texts: n strings.
            codes: their codes, 0/1 [n, bits] with up to 64 bits; None: compare all.
            on_progress: called with the pairs done and the pairs there are.

        Raises:
            InputError: if there is not one code a text.
        """
        rows = tfidf_rows(texts)
        empty = np.flatnonzero(np.diff(rows.indptr) == 0).tolist()
        names = {at: " ".join(texts[at].casefold().split()) for at in empty}
        return self._find(rows, codes, names, on_progress)

    def find_rows(
        self,
        rows: csr_array,
        codes: ArrayLike | None = None,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Duplicates:
        """Finds the duplicates among rows of one's own; an empty row has none.

        Args:
            rows: CSR [n, features], of any norm.
            codes: as in `find`.
            on_progress: as in `find`.

        Raises:
            InputError: if there is not one code a row.
        """
        rows = csr_array(rows, dtype=np.float32, copy=True)
        rows.sum_duplicates()
        rows.eliminate_zeros()
        if rows.shape[0]:
            normalize(rows, copy=False)
        empty = np.flatnonzero(np.diff(rows.indptr) == 0).tolist()
        return self._find(rows, codes, {at: str(at) for at in empty}, on_progress)

    def _find(
        self,
        rows: csr_array,
        codes: ArrayLike | None,
        names: dict[int, str],
        on_progress: Callable[[int, int], None] | None,
    ) -> Duplicates:
        n = rows.shape[0]
        integers, bits = _integers(codes, n)
        first = first_of_equal(rows, names)
        distinct = np.flatnonzero(first == np.arange(n))
        blocks = CodeBlocks(integers[distinct], bits, self.radius)
        ordered = rows[distinct[blocks.order]]
        join = PrefixJoin(ordered, self.threshold)
        components = Components(distinct.size)
        done = candidates = checked = 0
        for left, right in blocks:
            for sharing, i, j in join.candidates(left, right):
                candidates += sharing
                near = blocks.near(i, j)
                checked += self._join(
                    components, blocks.order, ordered, i[near], j[near]
                )
            done += blocks.pairs_between(left, right)
            if on_progress is not None:
                on_progress(done, blocks.pairs)
        # distinct is increasing: the smallest node is the first text.
        roots = distinct[components.roots(np.arange(distinct.size))]
        place = np.empty(n, np.int64)
        place[distinct] = roots
        first = place[first]
        return Duplicates(
            first=first,
            similarity=similarities(rows, first),
            distinct=distinct.size,
            within_radius=blocks.pairs,
            candidates=candidates,
            checked=checked,
        )

    def _join(
        self,
        components: Components,
        order: np.ndarray,
        rows: csr_array,
        left: np.ndarray,
        right: np.ndarray,
    ) -> int:
        """Joins the pairs that are similar; returns how many cosines it took.

        A few pairs at a time: in a large group most are joined by then already.
        """
        checked = 0
        for start in range(0, left.size, PAIRS):
            i, j = left[start : start + PAIRS], right[start : start + PAIRS]
            apart = components.roots(order[i]) != components.roots(order[j])
            i, j = i[apart], j[apart]
            checked += i.size
            similar = cosines(rows, i, j) >= self.threshold - TOLERANCE
            components.join(order[i[similar]], order[j[similar]])
        return checked


def _integers(codes: ArrayLike | None, n: int) -> tuple[np.ndarray, int]:
    if codes is None:
        return np.zeros(n, np.uint64), 1
    codes = check_bits(codes)
    if len(codes) != n:
        raise InputError(f"expected a code for each of {n} texts; got {len(codes)}")
    return codes_to_int(codes), codes.shape[1]
