"""What a search found."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """Documents found, best first.

    The order is distance, then id.
    `HammingIndex.search` gives one result for all queries, with arrays [q, k];
    rows for which fewer than k documents exist end in id -1 (None where ids are
    strings) and distance -1. `HammingIndex.search_radius` gives one result per
    query, with arrays [hits] and no padding.

    Attributes:
        ids: int64, ids of the documents; str in an array of objects if the index
            has such ids.
        distances: int32, their Hamming distances from the query in bits.
        codes: uint8 [..., ceil(bits / 8)], their packed codes; 0 in the padding.
        ties: int64 [q], how many documents that were not returned rank level with
            the last one that was, but for their ids; 0 for a radius.
    """

    ids: np.ndarray
    distances: np.ndarray
    codes: np.ndarray
    ties: np.ndarray
