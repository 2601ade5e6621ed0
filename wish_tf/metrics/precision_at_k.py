"""Prec@k of Hamming retrieval, exact in the presence of ties."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from wish_tf.codes import check_bits, codes_to_int
from wish_tf.errors import InputError
from wish_tf.metrics.label_relevance import label_relevance

# Distances held at a time, one byte each beside the up to eight of an XOR.
_DISTANCES_AT_ONCE = 1 << 21


def precision_at_k(
    query_codes: ArrayLike,
    query_labels: Any,
    database_codes: ArrayLike,
    database_labels: Any,
    k: int = 100,
) -> float:
    """Mean over the queries of the share of relevant documents among the k nearest.

    This is the Prec@100 of the paper (section 4.2), with its ties resolved in
    expectation; see `precisions_at_k`, which takes the same arguments.

    Args:
        query_codes: Codes of the queries, [q, bits] of 0 and 1, up to 64 bits.
        query_labels: Labels of the queries.
        database_codes: Codes of the documents to search, [n, bits].
        database_labels: Labels of these documents.
        k: Number of nearest documents looked at.

    Returns:
        Prec@k, from 0 to 1.

    Raises:
        InputError: As `precisions_at_k`.

    Examples:
        Of the two nearest of `[1, 1]`, the first is relevant; which of two documents
        is the second is a tie, and one of them is relevant:

        >>> documents = [[1, 1], [1, 0], [0, 1]]
        >>> precision_at_k([[1, 1]], ["a"], documents, ["a", "a", "b"], k=2)
        0.75
    """
    return float(
        precisions_at_k(
            query_codes, query_labels, database_codes, database_labels, k
        ).mean()
    )


def precisions_at_k(
    query_codes: ArrayLike,
    query_labels: Any,
    database_codes: ArrayLike,
    database_labels: Any,
    k: int = 100,
) -> np.ndarray:
    """Share of relevant documents among the k nearest, for each query.

    Many documents share a code when codes are short, so "the k nearest" is not
    one set. All documents nearer than the distance of the k-th are taken whole;
    of those at that distance, their relevant fraction times the slots that are
    left. This equals the mean over all orders of the ties, and does not depend on
    the order of the database.

    Args:
        query_codes: Codes of the queries, [q, bits] of 0 and 1, up to 64 bits.
        query_labels: Labels of the queries: one label each (1-D, integers or
            strings); or a list with a list, tuple or set of labels for each; or a
            0/1 multi-hot array [q, labels]. A document is relevant to a query
            when they share a label, so one without labels never is.
        database_codes: Codes of the documents to search, [n, bits].
        database_labels: Labels of these documents, in the same form.
        k: Number of nearest documents looked at; the denominator in any case.

    Returns:
        float64 [q], each from 0 to 1.

    Raises:
        InputError: If codes or labels are malformed or do not fit together, if
            there is no query, or if the database has fewer than k documents.

    Examples:
        >>> queries, documents = [[0, 0], [1, 1]], [[0, 0], [0, 1], [1, 1]]
        >>> precisions_at_k(queries, ["a", "b"], documents, ["a", "a", "b"], k=2)
        array([1. , 0.5])
    """
    query_codes = check_bits(query_codes, "query_codes")
    database_codes = check_bits(database_codes, "database_codes")
    query_sets, database_sets, relevant = label_relevance(query_labels, database_labels)
    k = _check(query_codes, query_sets, database_codes, database_sets, k)
    bits = query_codes.shape[1]

    # Equal documents are counted, not repeated: everything below is about distinct
    # codes and distinct label sets.
    integers = np.min_scalar_type((1 << bits) - 1)
    queries, query_code = np.unique(
        codes_to_int(query_codes).astype(integers), return_inverse=True
    )
    buckets, bucket = np.unique(
        codes_to_int(database_codes).astype(integers), return_inverse=True
    )
    bucket_sizes = np.bincount(bucket)
    label_counts = sparse.coo_array(
        (np.ones(bucket.size, np.int64), (bucket, database_sets)),
        shape=(buckets.size, relevant.shape[1]),
    ).tocsr()
    pairs, query_pair = np.unique(
        query_code * relevant.shape[0] + query_sets, return_inverse=True
    )
    pair_code, pair_set = np.divmod(pairs, relevant.shape[0])

    precisions = np.empty(pairs.size)
    step = max(1, _DISTANCES_AT_ONCE // buckets.size)
    reach = 0
    for start in range(0, queries.size, step):
        distances = np.bitwise_count(queries[start : start + step, None] ^ buckets)
        nearer, tied, slots, ties, reach = _nearest(distances, bucket_sizes, k, reach)
        first, last = np.searchsorted(pair_code, [start, start + step])
        row = pair_code[first:last] - start
        wanted = relevant[pair_set[first:last]]
        whole = (nearer @ label_counts)[row].multiply(wanted).sum(axis=1)
        partial = (tied @ label_counts)[row].multiply(wanted).sum(axis=1)
        precisions[first:last] = (whole + partial * slots[row] / ties[row]) / k
    return precisions[query_pair]


def _nearest(
    distances: np.ndarray, bucket_sizes: np.ndarray, k: int, reach: int
) -> tuple[sparse.csr_array, sparse.csr_array, np.ndarray, np.ndarray, int]:
    """Finds the buckets that hold the k nearest documents of each query.

    Args:
        distances: uint8 [q, buckets].
        bucket_sizes: int64 [buckets], documents in each.
        k: Number of documents, at most as many as there are.
        reach: A guess at the distance of the k-th document.

    Returns:
        0/1 CSR [q, buckets] of the buckets nearer than the k-th document; the same
        of those at its distance; the slots left for the latter, [q]; the documents
        they hold, [q]; the largest distance of a k-th document.
    """
    # Only buckets within reach are looked at, which at many bits are few of all.
    while True:
        row, column = np.divmod(np.flatnonzero(distances <= reach), distances.shape[1])
        distance = distances[row, column].astype(np.int64)
        totals = np.bincount(
            row * (reach + 1) + distance,
            weights=bucket_sizes[column],
            minlength=distances.shape[0] * (reach + 1),
        ).reshape(-1, reach + 1)
        reached = np.cumsum(totals, axis=1)
        if (reached[:, -1] >= k).all():
            break
        reach += 1
    edge = np.count_nonzero(reached < k, axis=1)
    rows = np.arange(edge.size)
    ties = totals[rows, edge]
    slots = k - (reached[rows, edge] - ties)
    nearer, tied = (
        sparse.coo_array(
            (np.ones(row[chosen].size, np.int64), (row[chosen], column[chosen])),
            shape=distances.shape,
        ).tocsr()
        for chosen in (distance < edge[row], distance == edge[row])
    )
    return nearer, tied, slots, ties, int(edge.max())


def _check(
    query_codes: np.ndarray,
    query_sets: np.ndarray,
    database_codes: np.ndarray,
    database_sets: np.ndarray,
    k: int,
) -> int:
    if query_codes.shape[1] != database_codes.shape[1]:
        raise InputError(
            "query_codes and database_codes must be of the same length; "
            f"got {query_codes.shape[1]} and {database_codes.shape[1]} bits."
        )
    for name, codes, sets in (
        ("query", query_codes, query_sets),
        ("database", database_codes, database_sets),
    ):
        if codes.shape[0] != sets.size:
            raise InputError(
                f"{name}_labels must have one entry for each of the "
                f"{codes.shape[0]} codes; got {sets.size}."
            )
    if query_sets.size == 0:
        raise InputError("precision needs at least one query; got none.")
    try:
        checked = operator.index(k)
    except TypeError:
        checked = 0
    if checked < 1:
        raise InputError(f"k must be an integer of at least 1; got {k!r}.")
    if database_sets.size < checked:
        raise InputError(
            f"the database must have at least k = {checked} documents; "
            f"got {database_sets.size}."
        )
    return checked
