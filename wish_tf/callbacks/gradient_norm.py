from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

# Steps from one measurement to the next: the norm of a gradient that names
# thousands of words costs a tenth of a step.
EVERY = 10

# Private to Keras 3.15, and the one place where every optimizer has the gradient
# of all replicas before it uses it.
HOOK = "_all_reduce_sum_gradients"


class GradientNorm(keras.callbacks.Callback):
    """Adds `gradient_norm` to the epoch's logs, for the callbacks behind this one.

    It is the Euclidean norm of the gradient of all trainable weights as the optimizer
    uses it: summed over the replicas, and after any clipping, which Keras does before
    the sum. It is the mean over the first and every tenth step after it of the epoch.
    The training itself is not changed.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        places = {
            "trainable": False,
            "synchronization": tf.VariableSynchronization.ON_READ,
            "aggregation": tf.VariableAggregation.ONLY_FIRST_REPLICA,
        }
        # Every replica adds the same to sum and count, which leaves the mean.
        self._sum, self._count = (tf.Variable(0.0, **places) for _ in range(2))
        self._first = tf.Variable(0, dtype=tf.int64, **places)
        optimizer = self.model.optimizer
        reduce = getattr(type(optimizer), HOOK).__get__(optimizer)

        def reduce_and_measure(
            grads_and_vars: Sequence[tuple[Any, keras.Variable]],
        ) -> Sequence[tuple[Any, keras.Variable]]:
            reduced = reduce(grads_and_vars)
            gradients = [gradient for gradient, _ in reduced if gradient is not None]
            self._measure(gradients, tf.cast(optimizer.iterations, tf.int64))
            return reduced

        setattr(optimizer, HOOK, reduce_and_measure)
        # A step that was traced before does not measure.
        self.model.make_train_function(force=True)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._sum.assign(0.0)
        self._count.assign(0.0)
        self._first.assign(self.model.optimizer.iterations.numpy())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None and float(self._count) > 0:
            logs["gradient_norm"] = float(self._sum) / float(self._count)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        delattr(self.model.optimizer, HOOK)
        self.model.train_function = None

    def _measure(
        self, gradients: list[tf.Tensor | tf.IndexedSlices], iteration: tf.Tensor
    ) -> None:
        def measure() -> bool:
            squares = tf.add_n([_sum_of_squares(gradient) for gradient in gradients])
            self._sum.assign_add(tf.sqrt(squares))
            self._count.assign_add(1.0)
            return True

        tf.cond((iteration - self._first) % EVERY == 0, measure, lambda: False)


def _sum_of_squares(gradient: tf.Tensor | tf.IndexedSlices) -> tf.Tensor:
    if isinstance(gradient, tf.IndexedSlices):
        # Replicas may name the same row; its parts are one gradient.
        rows, position = tf.unique(gradient.indices)
        gradient = tf.cond(
            tf.size(rows) == tf.size(gradient.indices),
            lambda: tf.convert_to_tensor(gradient.values),
            lambda: tf.math.unsorted_segment_sum(
                gradient.values, position, tf.size(rows)
            ),
        )
    return 2 * tf.nn.l2_loss(tf.cast(gradient, tf.float32))
