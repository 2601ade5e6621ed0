"""Which documents a query should find."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from wish_tf.data.nearest import nearest_graph
from wish_tf.metrics.label_relevance import label_relevance
from wish_tf.report.buckets import Buckets
from wish_tf.report.documents import SEED, Documents
from wish_tf.report.retrieval import Retrieval
from wish_tf.text_hasher import TextHasher

K = 100
# All pairs of these are compared by tf-idf, where there are no labels.
QUERIES, DATABASE = 1000, 20_000


def by_labels(database: Documents, queries: Documents) -> Retrieval:
    """Looks documents up; relevant are those that share a label.

    Args:
        database: the documents to search, with labels.
        queries: the documents looked up, with labels.
    """
    buckets = Buckets.of(database)
    query_sets, database_sets, relevant = label_relevance(
        queries.corpus.labels, database.corpus.labels
    )
    counts = _in_buckets(database_sets, relevant.shape[1], buckets)
    return Retrieval.of(
        queries.numbers,
        queries.codes.shape[1],
        buckets,
        scipy.sparse.csr_array(relevant @ counts),
        query_sets,
    )


def by_neighbours(
    database: Documents, queries: Documents, hasher: TextHasher
) -> Retrieval | None:
    """Looks documents up; relevant are the 100 nearest by the cosine of tf-idf.

    As the TensorBoard callback measures neighbour overlap. Documents without a known
    word are left out, and of large corpora a sample is taken, always the same.

    Args:
        database: the documents to search.
        queries: the documents looked up.
        hasher: that of the codes.

    Returns:
        None where no query has a known word, or fewer than 100 documents have.
    """
    asked, known = _known(queries, QUERIES), _known(database, DATABASE)
    if not len(asked) or len(known) < K:
        return None
    graph = nearest_graph(queries.rows(hasher, asked), database.rows(hasher, known), K)
    buckets = Buckets.of(database.subset(known))
    counts = _in_buckets(np.arange(len(known)), len(known), buckets)
    return Retrieval.of(
        queries.numbers[asked],
        queries.codes.shape[1],
        buckets,
        scipy.sparse.csr_array(graph.astype(np.int64) @ counts),
        np.arange(len(asked)),
    )


def _known(documents: Documents, most: int) -> np.ndarray:
    known = np.flatnonzero(~documents.hashed.out_of_vocabulary)
    if len(known) <= most:
        return known
    return np.sort(np.random.default_rng(SEED).choice(known, most, replace=False))


def _in_buckets(
    groups: np.ndarray, count: int, buckets: Buckets
) -> scipy.sparse.csr_array:
    """Returns how many documents of each group are in each bucket, [count, m]."""
    return scipy.sparse.coo_array(
        (np.ones(len(groups), np.int64), (groups, buckets.of_document)),
        shape=(count, len(buckets.sizes)),
    ).tocsr()
