"""Random numbers of layers that repeat with a seed, wherever they run."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.checks import whole_number


@keras.saving.register_keras_serializable(package="wish_tf")
class Noise(keras.layers.Layer):
    """A source of random numbers, as a part of the layer that draws them.

    Its state is that of a `keras.random.SeedGenerator`. What that one lacks: replicas
    of a strategy draw different numbers, and the state is in the model's file, so a
    training that goes on from there draws what it would have drawn.

    Args:
        seed: int, a `keras.random.SeedGenerator`, or None. With None the seed follows
            `keras.utils.set_random_seed`.
    """

    def __init__(self, seed: int | keras.random.SeedGenerator | None = None):
        super().__init__(name="noise", dtype="float32")
        if not isinstance(seed, keras.random.SeedGenerator):
            seed = keras.random.SeedGenerator(seed)
        self.generator: keras.random.SeedGenerator = seed
        self.built = True

    def uniform(self, shape: tf.Tensor, dtype: str | tf.DType) -> tf.Tensor:
        """Returns numbers from 0 to below 1, anew at each call.

        Args:
            shape: int [rank].
            dtype: of floats.
        """
        seed = self.generator.next()
        context = tf.distribute.get_replica_context()
        if context is not None:  # None outside of the replicas of a strategy
            seed = tf.random.fold_in(seed, context.replica_id_in_sync_group)
        return tf.random.stateless_uniform(shape, seed, dtype=dtype)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        store["state"] = self.generator.state.numpy()

    def load_own_variables(self, store: dict[str, Any]) -> None:
        self.generator.state.assign(store["state"])


def split_seed(seed: int | None, parts: int) -> list[int | None]:
    """Returns a seed for each part of a layer, so that no two draw the same.

    Args:
        seed: 0 or above, or None, which leaves all parts to the global seed.
        parts: how many.

    Raises:
        InputError: when the seed is something else.
    """
    if seed is None:
        return [None] * parts
    sequence = np.random.SeedSequence(whole_number(seed, "seed", 0))
    # Keras takes seeds of 31 bits.
    return (sequence.generate_state(parts) >> 1).tolist()


def seeded(
    initializer: keras.initializers.Initializer, seed: int | None
) -> keras.initializers.Initializer:
    """Returns an initializer with a seed, unless it has one of its own.

    Args:
        initializer: the initializer.
        seed: int, or None, which leaves it to the global seed.
    """
    if seed is None or not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    if config.get("seed", seed) is not None:
        return initializer
    return type(initializer).from_config({**config, "seed": seed})
