"""What the three tables have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from wish_tf.index.hits import Hits

NONE: np.ndarray = np.empty(0, np.int64)


class Table(ABC):
    """Documents in the order of the first bits of their codes; immutable.

    A place is that of a document in this order. Documents can be marked as removed:
    they keep their places, and are not found.

    Args:
        bits: Length of the codes.
        arrays: What a file holds: `starts`, int32 or int64 [2**h + 1], where the
            documents of each value of the first h bits begin; `ids`, int32 or int64
            [n]; and what a kind of table adds.
        removed: Places of removed documents, int64, rising.
    """

    def __init__(
        self, bits: int, arrays: Mapping[str, np.ndarray], removed: np.ndarray = NONE
    ) -> None:
        self.bits, self.arrays, self.removed = bits, dict(arrays), removed
        self.starts, self.ids = arrays["starts"], arrays["ids"]

    def __len__(self) -> int:
        """Number of documents that are not removed."""
        return self.ids.size - self.removed.size

    def without(self, places: np.ndarray) -> Table:
        """The same with more documents marked as removed."""
        return type(self)(self.bits, self.arrays, np.union1d(self.removed, places))

    def are_removed(self, places: np.ndarray) -> np.ndarray:
        """Which of some places are those of removed documents, bool."""
        if not self.removed.size:
            return np.zeros(places.size, bool)
        at = self.removed.searchsorted(places)
        return self.removed.take(at, mode="clip") == places

    def documents(self) -> tuple[np.ndarray, np.ndarray]:
        """Codes, uint64 [n, w], and ids of all documents that are not removed."""
        words = self.words()
        if not self.removed.size:
            return words, self.ids
        return np.delete(words, self.removed, 0), np.delete(self.ids, self.removed)

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all ids."""
        return are_starts(self.starts, self.ids.size)

    @classmethod
    @abstractmethod
    def build(cls, bits: int, words: np.ndarray, ids: np.ndarray) -> Table:
        """Sorts documents, words uint64 [n, w] and ids [n], into a table."""

    @abstractmethod
    def words(self) -> np.ndarray:
        """The codes in the order of `ids`, those of removed documents too."""

    @abstractmethod
    def nearest(self, words: np.ndarray, k: int) -> Hits:
        """The k nearest documents of each query; all if there are not so many."""

    @abstractmethod
    def within(self, words: np.ndarray, radii: np.ndarray) -> Hits:
        """All documents within each query's radius, radii int64 [q]."""


def starts_of(values: np.ndarray, bits: int) -> np.ndarray:
    """Where each value of so many bits begins once they are sorted, [2**bits + 1]."""
    starts = np.zeros((1 << bits) + 1, np.int32 if values.size < 2**31 else np.int64)
    np.cumsum(np.bincount(values, minlength=1 << bits), out=starts[1:])
    return starts


def are_starts(starts: np.ndarray, count: int) -> bool:
    """Whether an array can say where lists of so many in all begin."""
    return bool(
        starts.size > 1
        and starts[0] == 0
        and starts[-1] == count
        and (starts[1:] >= starts[:-1]).all()
    )
