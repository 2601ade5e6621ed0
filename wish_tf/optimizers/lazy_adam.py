from __future__ import annotations

import math

import keras
import tensorflow as tf

# Rows are updated in pieces of this many numbers (1 MB): the dozen intermediate
# results then stay in the cache instead of each going through main memory.
PIECE = 2**18


@keras.saving.register_keras_serializable(package="wish_tf")
class LazyAdam(keras.optimizers.Adam):
    """Adam that updates only the rows a sparse gradient names.

    For a dense gradient this is Adam (Kingma and Ba, 2014), run by
    TensorFlow's fused kernel, about ten times as fast as Keras' step of
    single operations. For a `tf.IndexedSlices` gradient the moments and the
    weights of the named rows are updated and all other rows are left as they
    are: the moments of a word that does not occur do not decay. Rows named
    twice (as after an all-reduce over replicas) are merged first, as the
    dense update would.

    Arguments are those of `keras.optimizers.Adam`, without `amsgrad`.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.amsgrad:
            raise ValueError("LazyAdam has no `amsgrad`. Received: amsgrad=True")

    def update_step(self, gradient, variable, learning_rate) -> None:
        index = self._get_variable_index(variable)
        momentum = self._momentums[index].value
        velocity = self._velocities[index].value
        step = tf.cast(self.iterations + 1, variable.dtype)
        rate = tf.cast(learning_rate, variable.dtype)
        beta_1_power = tf.pow(tf.cast(self.beta_1, variable.dtype), step)
        beta_2_power = tf.pow(tf.cast(self.beta_2, variable.dtype), step)
        if not isinstance(gradient, tf.IndexedSlices):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=momentum.handle,
                v=velocity.handle,
                beta1_power=beta_1_power,
                beta2_power=beta_2_power,
                lr=rate,
                beta1=self.beta_1,
                beta2=self.beta_2,
                epsilon=self.epsilon,
                grad=gradient,
            )
            return
        alpha = rate * tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)

        def update_rows(rows: tf.Tensor, values: tf.Tensor) -> None:
            mean = tf.gather(momentum, rows)
            mean += (values - mean) * (1 - self.beta_1)
            square = tf.gather(velocity, rows)
            square += (tf.square(values) - square) * (1 - self.beta_2)
            change = alpha * mean / (tf.sqrt(square) + self.epsilon)
            # Raw kernels: the methods of tf.Variable return the variable read
            # anew, a copy of the whole matrix at every step.
            for target, update in ((momentum, mean), (velocity, square)):
                tf.raw_ops.ResourceScatterUpdate(
                    resource=target.handle, indices=rows, updates=update
                )
            tf.raw_ops.ResourceScatterSub(
                resource=variable.handle, indices=rows, updates=change
            )

        rows, values = _merged(gradient)
        length = max(1, PIECE // max(1, math.prod(variable.shape[1:])))

        def update_piece(start: tf.Tensor) -> tuple[tf.Tensor]:
            end = start + length
            update_rows(rows[start:end], values[start:end])
            return (end,)

        tf.while_loop(
            lambda start: start < tf.size(rows),
            update_piece,
            (tf.constant(0),),
            parallel_iterations=1,
        )


def _merged(gradient: tf.IndexedSlices) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns (rows, values) with each row named once, duplicates summed."""
    rows, position = tf.unique(gradient.indices)
    values = tf.cond(
        tf.size(rows) == tf.size(gradient.indices),
        lambda: gradient.values,
        lambda: tf.math.unsorted_segment_sum(gradient.values, position, tf.size(rows)),
    )
    return rows, values
