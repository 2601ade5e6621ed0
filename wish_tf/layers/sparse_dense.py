from __future__ import annotations

import keras
import tensorflow as tf

from wish_tf.data import as_sparse_rows


@keras.saving.register_keras_serializable(package="wish_tf")
class SparseDense(keras.layers.Layer):
    """A ReLU layer for sparse rows that touches only the words of the batch.

    Computes `relu(x W + b)`. Only the rows of `W` whose words occur in the
    batch are read, and the gradient of `W` is a `tf.IndexedSlices` that names
    each of those rows once; with `wish_tf.optimizers.LazyAdam` a step then
    costs the words of the batch and not the vocabulary.

    Args:
        units: width of the output.
        kernel_initializer: by default normal with variance 2: a row of
            L2-normalised tf-idf has norm 1 however many words it holds, so the
            usual division by the fan-in would start the layer near zero.

    Input shape: `tf.SparseTensor` or dense, float [n, vocabulary].
    Output shape: float [n, units].
    """

    def __init__(self, units: int, kernel_initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.kernel_initializer = keras.initializers.get(
            kernel_initializer or keras.initializers.RandomNormal(stddev=2**0.5)
        )

    def build(self, input_shape) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.units,), initializer="zeros"
        )

    def call(self, inputs):
        rows = as_sparse_rows(inputs)
        words, position = tf.unique(rows.indices[:, 1], out_idx=tf.int64)
        block = tf.SparseTensor(
            indices=tf.stack([rows.indices[:, 0], position], axis=1),
            values=rows.values,
            dense_shape=tf.stack([rows.dense_shape[0], tf.size(words, tf.int64)]),
        )
        kernel = tf.gather(self.kernel.value, words)
        return tf.nn.relu(tf.sparse.sparse_dense_matmul(block, kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
