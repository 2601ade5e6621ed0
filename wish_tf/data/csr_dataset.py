"""Mini-batches of a CSR matrix, sliced inside the TensorFlow graph."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from wish_tf.types import Csr


def csr_dataset(
    matrix: Csr,
    batch_size: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    targets: Csr | ArrayLike | None = None,
) -> tf.data.Dataset:
    """Returns a dataset of `tf.SparseTensor` batches [batch_size, vocabulary].

    The matrix is held once, as three flat arrays; a batch is gathered from
    them by a handful of kernels, so the pipeline costs well under a
    millisecond a batch and nothing is ever made dense.

    Args:
        matrix: `scipy.sparse` matrix [documents, vocabulary].
        batch_size: rows a batch; the last batch of a pass may be smaller.
        shuffle: whether each pass visits the rows in a new random order.
        seed: seed of that order.
        targets: array or `scipy.sparse` matrix [documents, any], or None. With it
            the batches are pairs (rows of `matrix`, the same rows of `targets`).

    Examples:
        >>> from scipy.sparse import csr_array
        >>> rows = csr_array([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
        >>> [tuple(batch.shape) for batch in csr_dataset(rows, batch_size=2)]
        [(2, 2), (1, 2)]
    """
    gather = gather_inputs = row_gatherer(matrix)
    if targets is not None:
        gather_targets = _gatherer(targets)

        def gather(rows: tf.Tensor) -> tuple[tf.SparseTensor, tf.Tensor]:
            return gather_inputs(rows), gather_targets(rows)

    n = matrix.shape[0]
    rows = tf.data.Dataset.range(n)
    if shuffle:
        rows = rows.shuffle(n, seed=seed, reshuffle_each_iteration=True)
    rows = rows.batch(batch_size)
    rows = rows.map(gather, num_parallel_calls=1).prefetch(2)
    # There is nothing to tune, and the tuner's thread, which sleeps for 10, 20,
    # 40, ... ms, makes the end of an epoch wait until it wakes: up to as long as
    # the epoch took.
    options = tf.data.Options()
    options.autotune.enabled = False
    return rows.with_options(options)


def _gatherer(
    targets: Csr | ArrayLike,
) -> Callable[[tf.Tensor], tf.Tensor | tf.SparseTensor]:
    if hasattr(targets, "tocsr"):
        return row_gatherer(targets)
    dense = tf.constant(targets)
    return lambda rows: tf.gather(dense, rows)


def row_gatherer(matrix: Csr) -> Callable[[tf.Tensor], tf.SparseTensor]:
    """Returns a function from row numbers [m] to those rows of a CSR matrix.

    It can be called inside of a graph.

    Args:
        matrix: `scipy.sparse` matrix [documents, vocabulary].
    """
    # scikit-learn leaves words in the order of the text; TensorFlow's sparse
    # operations expect them by number.
    matrix = matrix.tocsr().sorted_indices()
    starts = tf.constant(matrix.indptr.astype(np.int64))
    columns = tf.constant(matrix.indices.astype(np.int64))
    values = tf.constant(matrix.data.astype(np.float32))
    width = matrix.shape[1]

    def gather_rows(rows: tf.Tensor) -> tf.SparseTensor:
        positions = tf.ragged.range(
            tf.gather(starts, rows), tf.gather(starts, rows + 1)
        )
        flat = positions.values
        return tf.SparseTensor(
            indices=tf.stack(
                [positions.value_rowids(), tf.gather(columns, flat)], axis=1
            ),
            values=tf.gather(values, flat),
            dense_shape=tf.stack([tf.shape(rows, tf.int64)[0], width]),
        )

    return gather_rows
