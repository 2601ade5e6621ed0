"""tf-idf rows in whichever form Keras hands them over, as one SparseTensor."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from wish_tf.types import Csr


def as_sparse_rows(
    inputs: tf.SparseTensor | tf.Tensor | Csr | np.ndarray,
) -> tf.SparseTensor:
    """Returns rows [n, vocabulary] as a float32 `tf.SparseTensor`.

    Args:
        inputs: a `tf.SparseTensor`, a `scipy.sparse` matrix or a dense tensor or
            array, [n, vocabulary].
    """
    if isinstance(inputs, tf.SparseTensor):
        return tf.cast(inputs, tf.float32)
    if hasattr(inputs, "tocsr"):
        # TensorFlow wants the words of a row in order; scikit-learn's are not.
        matrix = inputs.tocsr().sorted_indices().tocoo()
        indices = np.stack([matrix.row, matrix.col], axis=1).astype(np.int64)
        return tf.SparseTensor(indices, matrix.data.astype(np.float32), matrix.shape)
    return tf.sparse.from_dense(tf.cast(inputs, tf.float32))


def row_sums(rows: tf.SparseTensor) -> tf.Tensor:
    """Returns the sum of each row, [n]; faster than `tf.sparse.reduce_sum`.

    Args:
        rows: [n, vocabulary].
    """
    return tf.math.unsorted_segment_sum(
        rows.values, rows.indices[:, 0], rows.dense_shape[0]
    )
