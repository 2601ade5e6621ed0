"""What the three tables have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

import numpy as np

from wish_tf.index.code_words import leading
from wish_tf.index.hits import Hits, join

# Codes, words uint64 [n, w], and ids [n] of some documents.
Part = tuple[np.ndarray, np.ndarray]
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

    QUERIES_AT_ONCE = 256

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

    def documents(self, part: int = 0, parts: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Codes, uint64 [n, w], and ids of documents that are not removed.

        Args:
            part: which of the equal parts of all possible codes, from 0.
            parts: how many these are, a power of 2; by default all in one.
        """
        lists = self.starts.size - 1
        if parts > lists:
            words, ids = self.documents()
            chosen = leading(words, parts.bit_length() - 1) == part
            return words[chosen], ids[chosen]
        first, last = part * lists // parts, (part + 1) * lists // parts
        words = self.words(first, last)
        begin, end = int(self.starts[first]), int(self.starts[last])
        ids = self.ids[begin:end]
        removed = self.removed[slice(*self.removed.searchsorted([begin, end]))] - begin
        if not removed.size:
            return words, ids
        return np.delete(words, removed, 0), np.delete(ids, removed)

    def search(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        """Finds the k nearest documents of each query or, with None for k, all within
        its radius.

        Args:
            words: The queries' codes, uint64 [q, w].
            k: How many documents of each; all if there are not so many.
            radii: int64 [q]; None with k.
        """
        k = None if k is None else min(k, len(self))
        step = self.QUERIES_AT_ONCE
        if len(words) <= step:
            return self._block(words, k, radii)
        return join(
            [
                self._block(
                    words[at : at + step],
                    k,
                    None if radii is None else radii[at : at + step],
                )
                for at in range(0, len(words), step)
            ]
        )

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all ids."""
        return are_starts(self.starts, self.ids.size)

    @classmethod
    @abstractmethod
    def build(cls, bits: int, ids: np.ndarray, parts: Iterable[Part]) -> Table:
        """Sorts documents into a table.

        Args:
            bits: Length of the codes.
            ids: An array for the ids of all documents, int32 or int64 [n], which the
                table keeps and overwrites.
            parts: The documents: words uint64 [m, w] and ids [m], the codes of each
                part after those of the one before.
        """

    @abstractmethod
    def words(self, first: int, last: int) -> np.ndarray:
        """The codes of some lists in the order of `ids`, those of removed documents
        too."""

    @abstractmethod
    def _block(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        """`search` for some queries, with k of no more than there are documents."""


def starts_of(sizes: np.ndarray) -> np.ndarray:
    """Where lists of some sizes, int64 [n], begin when they are joined, and where the
    last one ends, [n + 1]."""
    kind = np.int32 if sizes.sum() < 2**31 else np.int64
    return np.concatenate([[0], sizes.cumsum()]).astype(kind)


def are_starts(starts: np.ndarray, count: int) -> bool:
    """Whether an array can say where lists of so many in all begin."""
    return bool(
        starts.size > 1
        and starts[0] == 0
        and starts[-1] == count
        and (starts[1:] >= starts[:-1]).all()
    )
