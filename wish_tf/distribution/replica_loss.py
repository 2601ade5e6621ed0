from __future__ import annotations

import tensorflow as tf


def replica_loss(losses: tf.Tensor) -> tf.Tensor:
    """Returns what `compute_loss` must return on one of several replicas.

    Keras sums the gradients of the replicas and scales only losses that come
    from `compile`. Replicas can have unequal shares of a batch, even none, so
    two scales are needed. The gradient is that of the mean over the rows of all
    replicas. The value is the mean over the replica's own rows, divided by the
    number of replicas: Keras multiplies it by that number again and weights it
    with the own rows in the loss that it reports.

    Args:
        losses: one a row of this replica, float [n].

    Returns:
        A scalar; with one replica, the mean of `losses`.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if replicas == 1 or tf.distribute.in_cross_replica_context():
        return tf.reduce_mean(losses)
    rows = tf.cast(tf.size(losses), losses.dtype)
    of_all = tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, rows
    )
    total = tf.reduce_sum(losses)
    part = total / of_all
    value = tf.math.divide_no_nan(total, rows) / replicas
    return part + tf.stop_gradient(value - part)
