"""Documents that are unlike the rest."""

from __future__ import annotations

import numpy as np

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


def surprise(documents: Documents, hasher: TextHasher, most: int) -> np.ndarray:
    """Returns how badly the topics of each document's code fit its words.

    It is the log-likelihood per word (weighted by tf-idf) without any topic, all bits
    at 1/2, less that with the topics of the code: above 0 where the code makes the
    words less likely than no code would. The likelihood alone would be lowest for
    documents of rare words, however well they are hashed.

    Args:
        documents: n documents.
        hasher: that of the codes.
        most: only the first so many are looked at.

    Returns:
        Nats, float64 [min(n, most)]; NaN for documents without a known word.
    """
    which = np.arange(min(len(documents), most))
    rows = documents.rows(hasher, which)
    codes = documents.codes[which].astype(np.float32)
    decoder = hasher.model.wish.decoder
    without = decoder.log_likelihood(np.full_like(codes, 0.5), rows).numpy()
    with_topics = decoder.log_likelihood(codes, rows).numpy()
    weight = np.asarray(rows.sum(axis=1), np.float64)
    weight[weight == 0] = np.nan
    return np.asarray((without.astype(np.float64) - with_topics) / weight)
