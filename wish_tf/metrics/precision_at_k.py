from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from wish_tf.metrics.retrieval import Retrieval


def precision_at_k(
    query_codes: ArrayLike,
    query_labels: Any,
    database_codes: ArrayLike,
    database_labels: Any,
    k: int = 100,
) -> float:
    """Returns Prec@k, from 0 to 1: the mean of `Retrieval.precisions`.

    Args:
        query_codes: as in `Retrieval.by_labels`, as the next three.
        query_labels: labels of the queries.
        database_codes: codes of the documents to search.
        database_labels: labels of these documents.
        k: number of nearest documents looked at.

    Raises:
        InputError: as `Retrieval.by_labels`, or if the database has fewer than k
            documents.

    Examples:
        >>> queries, documents = [[0, 0], [1, 1]], [[0, 0], [0, 1], [1, 1]]
        >>> precision_at_k(queries, ["a", "b"], documents, ["a", "a", "b"], k=2)
        0.75
    """
    found = Retrieval.by_labels(
        query_codes, query_labels, database_codes, database_labels
    )
    return float(found.precisions(k).mean())
