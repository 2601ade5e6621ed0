"""Documents that are unlike the rest."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from wish_tf.report.buckets import Buckets
from wish_tf.report.documents import Documents
from wish_tf.text_hasher import TextHasher


def lonely(queries: Documents, buckets: Buckets) -> np.ndarray:
    """Returns which documents have a code that no document of the buckets has.

    Args:
        queries: n documents.
        buckets: those of other documents.

    Returns:
        Positions, int [m], the farthest from any bucket first. Documents without a
        known word, whose codes mean nothing, are not among them.
    """
    known = np.flatnonzero(~queries.hashed.out_of_vocabulary)
    numbers = queries.numbers[known]
    nearest = buckets.codes[buckets.nearest(numbers)]
    distance = np.bitwise_count(numbers ^ nearest)
    order = np.argsort(-distance.astype(np.int64), kind="stable")
    return np.asarray(known[order[distance[order] > 0]])


def alone(buckets: Buckets, known: np.ndarray) -> np.ndarray:
    """Returns which of the documents of buckets have their bucket for themselves.

    Args:
        buckets: those of n documents.
        known: whether each has a known word, bool [n].
    """
    return np.flatnonzero((buckets.sizes[buckets.of_document] == 1) & known)


def misfits(documents: Documents, others: Documents, hasher: TextHasher) -> np.ndarray:
    """Returns how unlike the others of its code each document is.

    It is the cosine of its tf-idf row and the mean row of the other documents with
    its code.

    Args:
        documents: n documents.
        others: those of the buckets.
        hasher: that of the codes.

    Returns:
        Float64 [n]; NaN for documents without a known word, and where nothing has
        their code.
    """
    _, codes = np.unique(
        np.concatenate([others.numbers, documents.numbers]), return_inverse=True
    )
    theirs, own = codes[: len(others)], codes[len(others) :]
    members = csr_array(
        (np.ones(len(others)), (theirs, np.arange(len(others)))),
        (codes.max() + 1, len(others)),
    )
    buckets = normalize(members @ others.rows(hasher, np.arange(len(others))))
    rows = normalize(documents.rows(hasher, np.arange(len(documents))))
    cosines = np.asarray(rows.multiply(buckets[own]).sum(axis=1)).ravel()
    there = documents.hashed.out_of_vocabulary | ~np.isin(own, theirs)
    return np.where(there, np.nan, cosines)
