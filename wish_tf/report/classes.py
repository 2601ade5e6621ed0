from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse


@dataclass(frozen=True)
class Classes:
    """The labels of a corpus, the most frequent first.

    Attributes:
        names: of the classes.
        sizes: documents that have each, among those that the order goes by.
    """

    names: list[str]
    sizes: np.ndarray

    @classmethod
    def of(cls, labels: Sequence[Sequence[str]]) -> Classes:
        """Counts the labels of documents; of equally frequent ones by name."""
        names, sizes = np.unique(
            [label for own in labels for label in set(own)], return_counts=True
        )
        order = np.argsort(-sizes, kind="stable")
        return cls(names[order].tolist(), sizes[order])

    def __len__(self) -> int:
        return len(self.names)

    def members(self, labels: Sequence[Sequence[str]]) -> scipy.sparse.csr_array:
        """Returns which documents have which classes, 0/1 int64 [n, classes].

        Labels that are none of these classes are left out.
        """
        number = {name: place for place, name in enumerate(self.names)}
        pairs = [
            (row, number[label])
            for row, own in enumerate(labels)
            for label in set(own)
            if label in number
        ]
        row, column = np.array(pairs, np.intp).reshape(-1, 2).T
        return scipy.sparse.csr_array(
            (np.ones(len(pairs), np.int64), (row, column)),
            shape=(len(labels), len(self.names)),
        )
