from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from wish_tf.data import as_sparse_rows


@keras.saving.register_keras_serializable(package="wish_tf")
class WordDropout(keras.layers.Layer):
    """Leaves each word of a document out with some probability, in training.

    The rest of the row is scaled back to norm 1, as the rows of the front end
    are. A row that loses all its words stays empty.

    Args:
        rate: probability with which a word is left out, 0 to below 1.

    Input shape: `tf.SparseTensor` or dense, float [n, vocabulary].
    Output shape: `tf.SparseTensor` float32 [n, vocabulary].

    Examples:
        >>> import numpy as np
        >>> rows = np.eye(3, dtype="float32")
        >>> tf.sparse.to_dense(WordDropout(0.5)(rows, training=False)).numpy().sum()
        np.float32(3.0)
    """

    def __init__(self, rate: float, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(
                f"`rate` should be from 0 to below 1. Received: rate={rate}"
            )
        self.rate = rate
        self.built = True

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.SparseTensor:
        rows = as_sparse_rows(inputs)
        if not training or self.rate == 0:
            return rows
        kept = tf.random.uniform(tf.shape(rows.values)) >= self.rate
        rows = tf.sparse.retain(rows, kept)
        document, n = rows.indices[:, 0], rows.dense_shape[0]
        squares = tf.math.unsorted_segment_sum(tf.square(rows.values), document, n)
        return rows.with_values(
            rows.values * tf.gather(tf.math.rsqrt(squares), document)
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
