from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from wish_tf.data import as_sparse_rows
from wish_tf.distribution.sparse_gradient import summed_over_replicas
from wish_tf.errors import InputError
from wish_tf.types import Shape


def _product(sparse: tf.SparseTensor, dense: tf.Tensor) -> tf.Tensor:
    """Sparse [n, m], its entries row after row, times dense [m, d].

    The same as `tf.sparse.sparse_dense_matmul`, whose kernel runs on one thread
    and takes four times as long forwards and five times backwards.
    """

    @tf.custom_gradient
    def multiply(
        values: tf.Tensor, dense: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
        block = sparse.with_values(values)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            by_row = tf.gather(upstream, block.indices[:, 0])
            by_column = tf.gather(dense, block.indices[:, 1])
            return (
                tf.reduce_sum(by_row * by_column, axis=1),
                _csr_product(tf.sparse.transpose(block), upstream),
            )

        return _csr_product(block, dense), gradient

    return multiply(sparse.values, dense)


def _csr_product(sparse: tf.SparseTensor, dense: tf.Tensor) -> tf.Tensor:
    # The kernel divides by the number of rows to share them among threads:
    # a matrix without rows would end the process.
    rows = sparse.dense_shape[0]
    matrix = tf.raw_ops.SparseTensorToCSRSparseMatrix(
        indices=sparse.indices,
        values=sparse.values,
        dense_shape=tf.maximum(sparse.dense_shape, [1, 0]),
    )
    return tf.raw_ops.SparseMatrixMatMul(a=matrix, b=dense)[:rows]


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

    Raises:
        InputError: when the dtype policy is neither float32 nor float64.

    Input shape: `tf.SparseTensor` or dense, float [n, vocabulary].
    Output shape: float [n, units].

    Examples:
        >>> import numpy as np
        >>> tuple(SparseDense(4)(np.eye(10, dtype="float32")).shape)
        (10, 4)
    """

    def __init__(
        self,
        units: int,
        kernel_initializer: keras.initializers.Initializer | str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if self.dtype_policy.name not in ("float32", "float64"):
            raise InputError(
                "expected dtype to be float32 or float64, since TensorFlow has no "
                f"sparse products in half precision; got {self.dtype_policy.name}"
            )
        self.supports_jit = False  # XLA has no sparse operations.
        self.units = units
        self.kernel_initializer = keras.initializers.get(
            kernel_initializer or keras.initializers.RandomNormal(stddev=2**0.5)
        )

    def build(self, input_shape: Shape) -> None:
        self.input_spec = keras.InputSpec(ndim=2, axes={-1: input_shape[-1]})
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.units,), initializer="zeros"
        )

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        rows = tf.cast(as_sparse_rows(inputs), self.compute_dtype)
        if training:
            rows = tf.sparse.reorder(rows)  # free when they are in order already
        words, position = tf.unique(rows.indices[:, 1], out_idx=tf.int64)
        block = tf.SparseTensor(
            indices=tf.stack([rows.indices[:, 0], position], axis=1),
            values=rows.values,
            dense_shape=tf.stack([rows.dense_shape[0], tf.size(words, tf.int64)]),
        )
        # A served model keeps to the operation that every server knows.
        product = _product if training else tf.sparse.sparse_dense_matmul
        return tf.nn.relu(product(block, self.word_rows(words)) + self.bias)

    def word_rows(self, words: tf.Tensor) -> tf.Tensor:
        """Returns what words are multiplied with, [words, units].

        Args:
            words: their numbers, int64 [words].
        """
        kernel = self.kernel.value
        strategy = tf.distribute.get_strategy()
        if strategy.num_replicas_in_sync > 1 and tf.distribute.get_replica_context():
            kernel = summed_over_replicas(kernel)
        return tf.gather(kernel, words)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
