from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from wish_tf.distribution.sparse_gradient import merged
from wish_tf.errors import InputError

# Rows are updated in pieces of this many numbers (1 MB), which bounds the memory
# beside the variables; what a core has just read of a piece is still in its cache.
PIECE = 2**18

# What TensorFlow takes as the name of a variable that is nobody else's and goes
# when its handle goes (`kAnonymousResourceName` of its resource_handle.h). Private:
# docs/how-to/keras.md.
ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"


@keras.saving.register_keras_serializable(package="wish_tf")
class LazyAdam(keras.optimizers.Adam):
    """Adam that updates only the rows a sparse gradient names.

    For a dense gradient this is Adam (Kingma and Ba, 2014), run by
    TensorFlow's fused kernel, about ten times as fast as Keras' step of
    single operations. For a `tf.IndexedSlices` gradient the moments and the
    weights of the named rows are updated and all other rows are left as they
    are: the moments of a word that does not occur do not decay. Rows named
    twice are merged first, as the dense update would.

    Arguments are those of `keras.optimizers.Adam`, without `amsgrad`. What Keras does
    with all rows it does here too: `weight_decay` shrinks each of them in every step,
    and with `gradient_accumulation_steps` gradients are dense.

    Examples:
        Only the named row of the variable moves:

        >>> weights = tf.Variable([[1.0], [1.0]])
        >>> gradient = tf.IndexedSlices(tf.constant([[2.0]]), tf.constant([1]))
        >>> LazyAdam(0.5).apply([gradient], [weights])
        >>> weights.numpy().ravel().round(4)
        array([1. , 0.5], dtype=float32)
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.amsgrad:
            raise InputError("expected amsgrad=False of LazyAdam; got True")

    def update_step(
        self,
        gradient: tf.Tensor | tf.IndexedSlices,
        variable: keras.Variable,
        learning_rate: tf.Tensor,
    ) -> None:
        index = self._get_variable_index(variable)
        states = (
            variable,
            self._momentums[index].value,
            self._velocities[index].value,
        )
        if not isinstance(gradient, tf.IndexedSlices):
            self._apply([state.handle for state in states], gradient, learning_rate)
            return
        rows, values = merged(gradient)
        length = max(1, PIECE // max(1, math.prod(variable.shape[1:])))

        def update_piece(start: tf.Tensor) -> tuple[tf.Tensor]:
            end = start + length
            piece = rows[start:end]
            # The fused kernel takes whole variables, so the rows become variables
            # for this step. Raw kernels: the methods of tf.Variable return the
            # variable read anew, a copy of the whole matrix at every step.
            parts = [_variable_of(tf.gather(state, piece)) for state in states]
            self._apply(parts, values[start:end], learning_rate)
            for state, part in zip(states, parts, strict=True):
                tf.raw_ops.ResourceScatterUpdate(
                    resource=state.handle,
                    indices=piece,
                    updates=tf.raw_ops.ReadVariableOp(resource=part, dtype=state.dtype),
                )
            return (end,)

        tf.while_loop(
            lambda start: start < tf.size(rows),
            update_piece,
            (tf.constant(0),),
            parallel_iterations=1,
        )

    def _apply(
        self, handles: list[tf.Tensor], gradient: tf.Tensor, learning_rate: tf.Tensor
    ) -> None:
        """Takes Adam's step on a variable, its momentum and its velocity."""
        variable, momentum, velocity = handles
        step = tf.cast(self.iterations + 1, gradient.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable,
            m=momentum,
            v=velocity,
            beta1_power=tf.pow(tf.cast(self.beta_1, gradient.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, gradient.dtype), step),
            lr=tf.cast(learning_rate, gradient.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def _variable_of(values: tf.Tensor) -> tf.Tensor:
    """Returns the handle of a new variable with these values."""
    handle = tf.raw_ops.VarHandleOp(
        dtype=values.dtype, shape=values.shape, shared_name=ANONYMOUS
    )
    tf.raw_ops.AssignVariableOp(resource=handle, value=values)
    return handle
