"""The nearest training rows of rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors

from wish_tf.errors import InputError
from wish_tf.types import Csr

# What a block of distances may take; scikit-learn's own default is four times this.
MEGABYTES = 256


def nearest(
    rows: Csr | np.ndarray, training_rows: Csr | np.ndarray, count: int, metric: str
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the nearest training rows, exactly, in blocks.

    Args:
        rows: CSR or array [n, width].
        training_rows: the rows to search, CSR or array [m, width]; the same object
            as `rows`, where a row is not to find itself.
        count: how many to find; fewer where there are not as many.
        metric: as of `sklearn.neighbors.NearestNeighbors`.

    Returns:
        Their distances and numbers, nearest first, both [n, count].

    Raises:
        InputError: when there is no row to find.
    """
    own = rows is training_rows
    most = training_rows.shape[0] - own
    if most < 1:
        raise InputError(
            "expected at least 2 training texts with known words, to be each "
            f"other's neighbours; got {training_rows.shape[0]}"
        )
    search = NearestNeighbors(
        n_neighbors=min(count, most), algorithm="brute", metric=metric
    )
    search.fit(training_rows)
    with config_context(working_memory=MEGABYTES):
        return search.kneighbors(None if own else rows)


def nearest_graph(rows: Csr, training_rows: Csr, count: int) -> sparse.csr_matrix:
    """Returns which training rows are the nearest by cosine, 0/1 CSR float32 [n, m].

    A row that shares no word with another is not its neighbour, so some rows may
    have fewer than `count`, and an empty row has none.

    Args:
        rows: CSR [n, vocabulary].
        training_rows: as of `nearest`, CSR [m, vocabulary].
        count: the most neighbours of a row.

    Raises:
        InputError: when there is no row to find.
    """
    distances, numbers = nearest(rows, training_rows, count, "cosine")
    near = distances < 1
    return sparse.csr_matrix(
        (
            np.ones(near.sum(), np.float32),
            numbers[near].astype(np.int32),
            np.concatenate([[0], np.cumsum(near.sum(axis=1))]),
        ),
        shape=(rows.shape[0], training_rows.shape[0]),
    )
