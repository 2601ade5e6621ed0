"""Groups of near-duplicates by comparing all with all."""

from __future__ import annotations

import numpy as np

from wish_tf.dedup.rows import tfidf_rows


def cosines(texts) -> np.ndarray:
    """float64 [n, n]; texts without a word are 1 to their equals, else 0."""
    rows = tfidf_rows(texts).toarray().astype(np.float64)
    similar = rows @ rows.T
    for i in np.flatnonzero(~rows.any(axis=1)):
        for j in np.flatnonzero(~rows.any(axis=1)):
            same = texts[i].casefold().split() == texts[j].casefold().split()
            similar[i, j] = float(same)
    return similar


def first_of_groups(linked: np.ndarray) -> list[int]:
    """The smallest member of each node's component, from links bool [n, n]."""
    first = list(range(len(linked)))
    changed = True
    while changed:
        changed = False
        for i, j in zip(*np.nonzero(linked), strict=True):
            smallest = min(first[i], first[j])
            changed |= first[i] != smallest or first[j] != smallest
            first[i] = first[j] = smallest
    return first
