from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from wish_tf.layers.noise import Noise
from wish_tf.types import Shape


def _threshold(
    probabilities: tf.Tensor, thresholds: tf.Tensor, gradient: float
) -> tf.Tensor:
    """1[p > u], whose derivative with respect to p is taken to be `gradient`."""

    @tf.custom_gradient
    def threshold(
        p: tf.Tensor,
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        bits = tf.cast(p > thresholds, p.dtype)
        return bits, lambda upstream: gradient * upstream

    return threshold(probabilities)


@keras.saving.register_keras_serializable(package="wish_tf")
class StraightThroughBernoulli(keras.layers.Layer):
    """Draws bits from probabilities and passes the gradient straight through.

    In training `z = 1[p > u]` with `u ~ Uniform(0, 1)`; otherwise, or with
    `stochastic=False`, `z = 1[p > 0.5]` (paper, sections 3.3.1 and 3.3.3).
    The gradient passes as if `z` were `p` times `gradient` (Bengio et al.,
    "Estimating or propagating gradients through stochastic neurons", 2013).

    Args:
        stochastic: whether bits are drawn at random in training.
        gradient: what the derivative of `z` with respect to `p` is taken to be.
        seed: int, `keras.random.SeedGenerator` or None. Seed of the draw. With None
            the draw follows `keras.utils.set_random_seed`.

    Input shape: probabilities, float [n, bits].
    Output shape: bits 0. or 1., float [n, bits].

    Examples:
        Outside of training a bit is a threshold, and the gradient passes it:

        >>> sampler = StraightThroughBernoulli()
        >>> p = tf.Variable([[0.9, 0.2]])
        >>> with tf.GradientTape() as tape:
        ...     bits = sampler(p)
        >>> bits.numpy(), tape.gradient(bits, p).numpy()
        (array([[1., 0.]], dtype=float32), array([[1., 1.]], dtype=float32))
    """

    def __init__(
        self,
        stochastic: bool = True,
        gradient: float = 1.0,
        seed: int | keras.random.SeedGenerator | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.stochastic = stochastic
        self.gradient = gradient
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        self.seed = seed
        self.supports_masking = True
        self._noise = Noise(seed)
        self.built = True

    def call(
        self,
        probabilities: tf.Tensor,
        training: bool = False,
        thresholds: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns bits.

        Args:
            probabilities: float [n, bits].
            training: whether to draw at random (if `stochastic`).
            thresholds: float [n, bits] or None. Used in place of the random
                draw, which makes the result predictable.
        """
        probabilities = tf.convert_to_tensor(probabilities)
        if thresholds is None:
            if training and self.stochastic:
                thresholds = self._noise.uniform(
                    tf.shape(probabilities), probabilities.dtype
                )
            else:
                thresholds = tf.fill(
                    tf.shape(probabilities), tf.cast(0.5, probabilities.dtype)
                )
        return _threshold(probabilities, thresholds, self.gradient)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "stochastic": self.stochastic,
            "gradient": self.gradient,
            "seed": keras.saving.serialize_keras_object(self.seed),
        }
