"""What a search found."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """Documents found, nearest first; of equally near ones the smaller id first.

    `HammingIndex.search` gives one result for all queries, with arrays [q, k];
    rows for which fewer than k documents exist end in id -1 and distance -1.
    `HammingIndex.search_radius` gives one result per query, with arrays [hits]
    and no padding.

    Attributes:
        ids: int64, ids of the documents.
        distances: int32, their Hamming distances from the query in bits.
    """

    ids: np.ndarray
    distances: np.ndarray
