from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Duplicates:
    """The groups of near-duplicates among n texts, and what finding them took.

    Attributes:
        first: int64 [n], for each text the place of the first of its group; its own
            place where it has no duplicate.
        similarity: float64 [n], the Jaccard similarity with that text (see
            `Deduplicator`). It may be below the threshold: a group also holds what is
            similar to one of its other texts.
        distinct: number of different texts, but for case, space and composition. Equal
            ones are taken together at once; the counts below are of pairs of different
            ones.
        within_radius: pairs that the codes left; all pairs if there were no codes.
        candidates: pairs of those that are near in size and share a shingle rare enough
            to matter.
        checked: pairs of those whose similarity was computed.
    """

    first: np.ndarray
    similarity: np.ndarray
    distinct: int
    within_radius: int
    candidates: int
    checked: int

    @property
    def is_duplicate(self) -> np.ndarray:
        """Whether an earlier text stands for a text, bool [n]."""
        return self.first != np.arange(self.first.size)

    @property
    def groups(self) -> list[np.ndarray]:
        """The places of the texts of each group of two or more, int64 [m], in the
        order of the texts; groups in the order of their first texts."""
        order = np.argsort(self.first, kind="stable")
        starts = np.flatnonzero(np.diff(self.first[order])) + 1
        return [group for group in np.split(order, starts) if group.size > 1]
