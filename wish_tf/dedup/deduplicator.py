from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.checks import check_texts, whole_number
from wish_tf.codes import check_bits, codes_to_int
from wish_tf.dedup.code_blocks import CodeBlocks
from wish_tf.dedup.components import Components
from wish_tf.dedup.duplicates import Duplicates
from wish_tf.dedup.prefix_join import PrefixJoin
from wish_tf.dedup.shingles import first_of_equal, jaccard, shingle_sets
from wish_tf.dedup.stored_rows import StoredRows
from wish_tf.errors import InputError
from wish_tf.index.string_table import StringTable

# Pairs that are compared before it is looked at which are joined by then.
PAIRS = 1 << 16


class Deduplicator:
    """Finds groups of near-duplicate texts.

    The similarity of two texts is the Jaccard similarity of their sets of shingles:
    each word and sign of the text, each two that are neighbours, and the whole text,
    all in composed form, case folded and with one space for any white space. Two texts
    are duplicates if it is at least the threshold, so at 1 if the whole texts are equal
    in that form; groups are the connected components. Without codes every such pair is
    found. With codes only texts whose codes are within the radius are compared, which
    spares most of the work and misses the pairs whose codes are further apart; equal
    texts are found at any distance.

    Args:
        threshold: the least similarity, above 0 and at most 1.
        radius: the largest Hamming distance of the codes of two texts that are
            compared, at least 0.

    Raises:
        InputError: when one of them is out of its range.

    Examples:
        >>> texts = ["the cat sat", "a dog", "The cat sat.", "the dog"]
        >>> found = Deduplicator().find(texts)
        >>> found.first.tolist()
        [0, 1, 0, 3]
        >>> [group.tolist() for group in found.groups]
        [[0, 2]]
    """

    def __init__(self, threshold: float = 0.5, radius: int = 2):
        if not 0 < threshold <= 1:
            raise InputError(
                f"expected a threshold above 0 and at most 1; got {threshold}"
            )
        self.radius = whole_number(radius, "radius", 0)
        self.threshold = float(threshold)

    def find(
        self,
        texts: Iterable[str],
        codes: ArrayLike | None = None,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Duplicates:
        """Finds the duplicates among texts.

        Args:
            texts: n strings.
            codes: their codes, 0/1 [n, bits] with up to 64 bits; None: compare all.
            on_progress: called with how many of the different texts have been
                compared, and how many there are.

        Raises:
            InputError: if the texts are not such (see `wish_tf.checks.check_texts`),
                or there is not one code a text.
        """
        # Those of a table stay in its file.
        texts = texts if isinstance(texts, StringTable) else check_texts(texts)
        first = first_of_equal(texts)
        integers, bits = _integers(codes, first.size)
        distinct = np.flatnonzero(first == np.arange(first.size))
        sets = shingle_sets(texts[at] for at in distinct.tolist())
        join = PrefixJoin(sets, self.threshold)
        blocks = CodeBlocks(
            integers[distinct], bits, self.radius, join.sizes, self.threshold
        )
        components = Components(distinct.size)
        candidates = checked = 0
        for done, left, right in blocks:
            for sharing, i, j in join.candidates(left, right):
                candidates += sharing
                near = blocks.near(i, j)
                checked += self._join(components, sets, i[near], j[near])
            if on_progress is not None:
                on_progress(done, distinct.size)
        # distinct is increasing: the smallest node is the first text.
        node = np.cumsum(first == np.arange(first.size))[first] - 1
        root = components.roots(node)
        similarity = np.ones(first.size)
        apart = np.flatnonzero(node != root)
        similarity[apart] = jaccard(sets, node[apart], root[apart])
        return Duplicates(
            first=distinct[root],
            similarity=similarity,
            distinct=distinct.size,
            within_radius=blocks.pairs,
            candidates=candidates,
            checked=checked,
        )

    def _join(
        self,
        components: Components,
        sets: StoredRows,
        left: np.ndarray,
        right: np.ndarray,
    ) -> int:
        """Joins the pairs that are similar; returns how many it compared.

        A few pairs at a time: in a large group most are joined by then already.
        """
        checked = 0
        for start in range(0, left.size, PAIRS):
            i, j = left[start : start + PAIRS], right[start : start + PAIRS]
            apart = components.roots(i) != components.roots(j)
            i, j = i[apart], j[apart]
            checked += i.size
            similar = jaccard(sets, i, j) >= self.threshold
            components.join(i[similar], j[similar])
        return checked


def _integers(codes: ArrayLike | None, n: int) -> tuple[np.ndarray, int]:
    if codes is None:
        return np.zeros(n, np.uint64), 1
    codes = check_bits(codes)
    if len(codes) != n:
        raise InputError(f"expected a code for each of {n} texts; got {len(codes)}")
    return codes_to_int(codes), codes.shape[1]
