"""From what a table found to what a user gets."""

from __future__ import annotations

import numpy as np

from wish_tf.index.code_words import to_packed
from wish_tf.index.hits import Hits
from wish_tf.index.search_result import SearchResult


def result_of(hits: Hits, k: int, bits: int) -> SearchResult:
    """Hits of q queries as arrays [q, k].

    Args:
        hits: what was found, at most k of each query, with the user's ids.
        k: the width.
        bits: length of the codes.
    """
    queries = hits.counts.size
    distances = hits.distances.astype(np.int32)
    ids = hits.ids
    codes = to_packed(hits.words, bits)
    if ids.size == queries * k:
        shape = (queries, k)
        return SearchResult(
            ids.reshape(shape),
            distances.reshape(shape),
            codes.reshape(*shape, codes.shape[1]),
            hits.further,
        )
    starts = np.cumsum(hits.counts) - hits.counts
    cells = hits.rows * k + np.arange(ids.size) - np.repeat(starts, hits.counts)

    def padded(values: np.ndarray, padding: float | None) -> np.ndarray:
        wide = np.full((queries * k, *values.shape[1:]), padding, values.dtype)
        wide[cells] = values
        return wide.reshape(queries, k, *values.shape[1:])

    return SearchResult(
        padded(ids, None if ids.dtype == object else -1),
        padded(distances, -1),
        padded(codes, 0),
        hits.further,
    )
