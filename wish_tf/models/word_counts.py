"""Total weight of every word over training rows, in any form `fit` takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.data import as_csr, as_sparse_rows, is_table
from wish_tf.errors import InputError


def word_totals(
    rows: Any, vocabulary_size: int, steps: int | None = None
) -> NDArray[np.float64]:
    """Returns the column sums of rows, float64 [vocabulary_size].

    Args:
        rows: an array, a `scipy.sparse` matrix, a `tf.SparseTensor`, or a
            `tf.data.Dataset` or iterable of batches of these (of which
            `(x, y)` batches count y, the rows to rebuild, if it is not None).
        vocabulary_size: number of columns.
        steps: how many batches to read; by default all.

    Raises:
        InputError: when the batches have no end and no `steps` are given.
    """
    if is_table(rows):
        return np.asarray(as_csr(rows, vocabulary_size).sum(axis=0), float).ravel()
    totals = np.zeros(vocabulary_size)
    for batch in itertools.islice(_batches(rows, steps), steps):
        x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
        batch_rows = as_sparse_rows(x if y is None else y)
        totals += np.bincount(
            batch_rows.indices[:, 1].numpy(),
            weights=batch_rows.values.numpy(),
            minlength=vocabulary_size,
        )
    return totals


def _batches(rows: Any, steps: int | None) -> Iterable[Any]:
    endless = False
    if isinstance(rows, tf.data.Dataset):
        endless = int(rows.cardinality()) == tf.data.INFINITE_CARDINALITY
    elif isinstance(rows, keras.utils.PyDataset):
        # Its own iteration has no end.
        batches, rows = rows.num_batches, rows.__getitem__
        endless = batches is None
        numbers = itertools.count() if endless else range(batches)
        rows = map(rows, numbers)
    if endless and steps is None:
        raise InputError(
            "expected rows with an end, or a number of steps (`steps_per_epoch` of "
            "`fit`, `steps` of `adapt`); got endless ones"
        )
    return rows
