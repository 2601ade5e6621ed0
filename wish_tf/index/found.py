"""Candidates of several queries while their tables are searched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Found:
    """Documents found so far, and how far away more are of interest.

    Args:
        codes: the queries' codes, int64 [q].
        k: number of documents wanted of each; None for all within the bounds.
        bounds: distances, int64 [q].
        bits: length of the codes.

    Attributes:
        bounds: distances within which documents are of interest: with k, that of
            the k-th nearest so far.
    """

    def __init__(
        self,
        codes: NDArray[np.int64],
        k: int | None,
        bounds: NDArray[np.int64],
        bits: int,
    ) -> None:
        self.codes, self.k, self.bounds = codes, k, bounds.copy()
        self._counts = np.zeros((codes.size, bits + 1), np.int64)
        self._open = np.ones(codes.size, bool)
        self._parts: list[tuple[NDArray[np.int64], ...]] = []

    def reaching(self, distance: int) -> NDArray[np.intp]:
        """The rows for which documents so far away are of interest."""
        return np.flatnonzero(self._open & (self.bounds >= distance))

    def add(
        self,
        rows: NDArray[np.int64],
        positions: NDArray[np.int64],
        firsts: NDArray[np.int64],
        distances: NDArray[np.int64],
    ) -> None:
        """Adds documents, [n] each: query, place, first half of the code, distance."""
        self._parts.append((rows, positions, firsts, distances))
        if self.k is None:
            return
        cells = rows * self._counts.shape[1] + distances
        counts = np.bincount(cells, minlength=self._counts.size)
        self._counts += counts.reshape(self._counts.shape)
        reached = np.cumsum(self._counts, axis=1) >= self.k
        new = np.where(reached[:, -1], np.argmax(reached, axis=1), self.bounds)
        self.bounds = np.minimum(self.bounds, new)

    def replace(
        self,
        row: int,
        positions: NDArray[np.int64],
        firsts: NDArray[np.int64],
        distances: NDArray[np.int64],
    ) -> None:
        """Sets all documents of a row, which is finished with it."""
        self._open[row] = False
        self._parts = [
            tuple(column[part[0] != row] for column in part) for part in self._parts
        ]
        self._counts[row] = 0
        self.add(np.full(positions.size, row), positions, firsts, distances)

    def joined(self) -> list[NDArray[np.int64]]:
        """What was found within the bounds: query, place, first half, distance."""
        empty = (np.empty(0, np.int64),) * 4
        columns = [np.concatenate(c) for c in zip(empty, *self._parts, strict=True)]
        kept = columns[3] <= self.bounds[columns[0]]
        return [column[kept] for column in columns]
