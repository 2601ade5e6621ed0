from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


def copy_from_chief(
    strategy: tf.distribute.Strategy, variables: Sequence[keras.Variable]
) -> None:
    """Gives variables the chief's values on every worker.

    So only the chief needs to see the checkpoint, and workers need not share a
    folder. Every worker must call it, with the same variables.

    Args:
        strategy: that the variables were made in.
        variables: of any numeric type.
    """

    @tf.function
    def chiefs(value: tf.Tensor) -> Any:
        def of_first() -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            mine = context.replica_id_in_sync_group == 0
            return context.all_reduce(
                tf.distribute.ReduceOp.SUM,
                tf.where(mine, value, tf.zeros_like(value)),
            )

        return strategy.run(of_first)

    for variable in variables:
        value = tf.constant(variable.numpy())
        # The reduction knows no unsigned numbers, as of the random seeds.
        if not value.dtype.is_floating:
            value = tf.cast(value, tf.int64)
        [copy, *_] = strategy.experimental_local_results(chiefs(value))
        variable.assign(tf.cast(copy, variable.dtype))
