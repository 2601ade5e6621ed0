"""What queries find where there are no labels."""

from __future__ import annotations

import numpy as np

from wish_tf.data.nearest import nearest_graph
from wish_tf.metrics import Retrieval
from wish_tf.report.documents import SEED, Documents
from wish_tf.text_hasher import TextHasher

K = 100
# All pairs of these are compared by tf-idf.
QUERIES, DATABASE = 1000, 20_000


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
    return Retrieval.by_graph(queries.codes[asked], database.codes[known], graph)


def _known(documents: Documents, most: int) -> np.ndarray:
    known = np.flatnonzero(~documents.hashed.out_of_vocabulary)
    if len(known) <= most:
        return known
    return np.sort(np.random.default_rng(SEED).choice(known, most, replace=False))
