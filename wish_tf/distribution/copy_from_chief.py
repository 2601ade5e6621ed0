from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
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

    for variable in variables:
        value = _chiefs(strategy, variable.numpy())
        variable.assign(tf.cast(value, variable.dtype))


def arrays_from_chief(
    strategy: tf.distribute.Strategy, arrays: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Returns the chief's arrays on every worker.

    Every worker must call it.

    Args:
        strategy: of the workers.
        arrays: the chief's; what others give is not looked at.
    """
    file = io.BytesIO()
    np.savez(file, **dict[str, Any](arrays))
    packed = np.frombuffer(file.getvalue(), np.uint8).astype(np.int64)
    size = int(_chiefs(strategy, np.array([packed.size])).numpy()[0])
    # Those of the others are of any size, and are not added.
    content = _chiefs(strategy, np.resize(packed, size)).numpy().astype(np.uint8)
    with np.load(io.BytesIO(content.tobytes())) as found:
        return dict(found)


def _chiefs(strategy: tf.distribute.Strategy, value: np.ndarray) -> tf.Tensor:
    """Returns the chief's value, of the same shape on every worker."""
    # The reduction knows no unsigned numbers, as of the random seeds.
    kind = value.dtype if value.dtype.kind == "f" else np.int64
    value = value.astype(kind)

    @tf.function
    def everywhere(value: tf.Tensor) -> Any:
        def of_first() -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            mine = context.replica_id_in_sync_group == 0
            return context.all_reduce(
                tf.distribute.ReduceOp.SUM,
                tf.where(mine, value, tf.zeros_like(value)),
            )

        return strategy.run(of_first)

    return strategy.experimental_local_results(everywhere(tf.constant(value)))[0]
