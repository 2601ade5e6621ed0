from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from wish_tf.data import as_sparse_rows
from wish_tf.layers.noise import Noise


@keras.saving.register_keras_serializable(package="wish_tf")
class WordDropout(keras.layers.Layer):
    """Leaves each word of a document out with some probability, in training.

    The rest of the row is scaled back to norm 1, as the rows of the front end
    are. A row that loses all its words stays empty.

    Args:
        rate: probability with which a word is left out, 0 to below 1.
        seed: int or None. Seed of the draw. With None the draw follows
            `keras.utils.set_random_seed`.

    Input shape: `tf.SparseTensor` or dense, float [n, vocabulary].
    Output shape: `tf.SparseTensor` float [n, vocabulary].

    Examples:
        >>> import numpy as np
        >>> rows = np.eye(3, dtype="float32")
        >>> tf.sparse.to_dense(WordDropout(0.5)(rows, training=False)).numpy().sum()
        np.float32(3.0)
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"expected `rate` from 0 to below 1; got {rate}")
        self.supports_jit = False  # XLA has no sparse operations.
        self.rate = rate
        self.seed = seed
        self._noise = Noise(seed)
        self.built = True

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.SparseTensor:
        rows = tf.cast(as_sparse_rows(inputs), self.compute_dtype)
        if not training or self.rate == 0:
            return rows
        numbers = self._noise.uniform(tf.shape(rows.values), rows.dtype)
        kept = numbers >= self.rate
        rows = tf.sparse.retain(rows, kept)
        document, n = rows.indices[:, 0], rows.dense_shape[0]
        squares = tf.math.unsorted_segment_sum(tf.square(rows.values), document, n)
        return rows.with_values(
            rows.values * tf.gather(tf.math.rsqrt(squares), document)
        )

    def compute_output_spec(
        self, inputs: keras.KerasTensor, training: bool = False
    ) -> keras.KerasTensor:
        return keras.KerasTensor(inputs.shape, inputs.dtype, sparse=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
