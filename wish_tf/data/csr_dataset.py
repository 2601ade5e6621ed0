"""Mini-batches of a CSR matrix, sliced inside the TensorFlow graph."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from wish_tf.checks import whole_number
from wish_tf.data.sparse_rows import as_csr
from wish_tf.errors import InputError
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
        matrix: rows [documents, vocabulary], in any form that `as_csr` takes.
        batch_size: rows a batch; the last batch of a pass may be smaller.
        shuffle: whether each pass visits the rows in a new random order.
        seed: seed of that order.
        targets: array or `scipy.sparse` matrix [documents, any], or None. With it
            the batches are pairs (rows of `matrix`, the same rows of `targets`).

    Raises:
        InputError: when rows are no table of finite numbers, or there is not one row
            of targets for each.

    Examples:
        >>> from scipy.sparse import csr_array
        >>> rows = csr_array([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
        >>> [tuple(batch.shape) for batch in csr_dataset(rows, batch_size=2)]
        [(2, 2), (1, 2)]
    """
    matrix = as_csr(matrix)
    n = matrix.shape[0]
    rows = tf.data.Dataset.range(n)
    if shuffle:
        rows = rows.shuffle(max(n, 1), seed=seed, reshuffle_each_iteration=True)
    batches = rows.batch(whole_number(batch_size, "batch_size", 1))
    return _gathered(batches, matrix, targets)


def epoch_batches(
    matrix: Csr,
    batch_size: int,
    *,
    seed: int,
    epochs: range,
) -> tf.data.Dataset:
    """Returns the batches of several epochs, one after the other.

    The order of an epoch follows from the seed and its number alone, so a training
    that goes on at any epoch sees what one that was not interrupted sees.

    Args:
        matrix: as in `csr_dataset`.
        batch_size: rows a batch; the last batch of an epoch may be smaller.
        seed: of the orders.
        epochs: numbers of the epochs.
    """
    n = matrix.shape[0]
    low, high = np.array([seed], np.int64).view(np.int32)

    def order(epoch: tf.Tensor) -> tf.data.Dataset:
        key = tf.stack([low ^ high, tf.cast(epoch, tf.int32)])
        rows = tf.random.experimental.stateless_shuffle(
            tf.range(n, dtype=tf.int64), key
        )
        return tf.data.Dataset.from_tensor_slices(rows).batch(batch_size)

    batches = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(order)
    count = len(epochs) * -(-n // batch_size)
    batches = batches.apply(tf.data.experimental.assert_cardinality(count))
    return _gathered(batches, matrix, None)


def _gathered(
    batches: tf.data.Dataset, matrix: Csr, targets: Csr | ArrayLike | None
) -> tf.data.Dataset:
    """Returns the rows that batches of numbers name, with their targets if any."""
    inputs = row_gatherer(matrix)
    if targets is None:
        gather = inputs
    else:
        found = np.shape(targets)[0]
        if found != matrix.shape[0]:
            raise InputError(
                f"expected targets for {matrix.shape[0]} rows; got {found}"
            )
        outputs = _gatherer(targets)

        def pairs(rows: tf.Tensor) -> tuple[tf.SparseTensor, tf.Tensor]:
            return inputs(rows), outputs(rows)

        gather = pairs
    batches = batches.map(gather, num_parallel_calls=1).prefetch(2)
    # There is nothing to tune, and the tuner's thread, which sleeps for 10, 20,
    # 40, ... ms, makes the end of an epoch wait until it wakes: up to as long as
    # the epoch took.
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


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
    matrix = as_csr(matrix)
    starts = tf.constant(matrix.indptr.astype(np.int64))
    columns = tf.constant(matrix.indices.astype(np.int64))
    values = tf.constant(matrix.data)
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
