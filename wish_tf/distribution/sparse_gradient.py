"""Gradients that name rows, of one replica and of several."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf


def merged(gradient: tf.IndexedSlices) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns (rows, values) with each row named once, duplicates summed."""
    rows, position = tf.unique(gradient.indices)
    values = tf.cond(
        tf.size(rows) == tf.size(gradient.indices),
        lambda: tf.convert_to_tensor(gradient.values),
        lambda: tf.math.unsorted_segment_sum(gradient.values, position, tf.size(rows)),
    )
    return rows, values


@tf.custom_gradient
def summed_over_replicas(
    matrix: tf.Tensor,
) -> tuple[tf.Tensor, Callable[[tf.IndexedSlices], tf.IndexedSlices]]:
    """Returns the matrix, whose gradient the first replica gets for all.

    Keras sums the replicas' gradients, which names a row once a replica that used it,
    and its optimizers square each part by itself: Adam on two devices would not be
    Adam on one. So rows are summed here, and the others add none.

    Args:
        matrix: [rows, d], of which rows are gathered on each of several replicas.
    """

    def gradient(upstream: tf.IndexedSlices) -> tf.IndexedSlices:
        replica = tf.distribute.get_replica_context()
        total = replica.all_reduce(tf.distribute.ReduceOp.SUM, upstream)
        rows, values = merged(total)
        n = tf.where(replica.replica_id_in_sync_group == 0, tf.size(rows), 0)
        return tf.IndexedSlices(values[:n], rows[:n], upstream.dense_shape)

    return tf.identity(matrix), gradient
