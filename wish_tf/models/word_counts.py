"""Total weight of every word over training rows, in any form `fit` takes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.data import as_sparse_rows


def word_totals(rows: Any, vocabulary_size: int) -> NDArray[np.float64]:
    """Returns the column sums of rows, float64 [vocabulary_size].

    Args:
        rows: an array, a `scipy.sparse` matrix, a `tf.SparseTensor`, or a
            `tf.data.Dataset` or iterable of batches of these (of which
            `(x, y)` batches count y, the rows to rebuild, if it is not None).
        vocabulary_size: number of columns.
    """
    if hasattr(rows, "tocsr"):
        return np.asarray(rows.sum(axis=0), np.float64).ravel()
    if isinstance(rows, np.ndarray):
        return rows.sum(axis=0, dtype=np.float64)
    if isinstance(rows, (tf.Tensor, tf.SparseTensor)):
        rows = [rows]
    totals = np.zeros(vocabulary_size)
    for batch in rows:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
        batch_rows = as_sparse_rows(x if y is None else y)
        totals += np.bincount(
            batch_rows.indices[:, 1].numpy(),
            weights=batch_rows.values.numpy(),
            minlength=vocabulary_size,
        )
    return totals
