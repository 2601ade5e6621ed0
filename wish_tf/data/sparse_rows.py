"""tf-idf rows in whichever form they come, in one form."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from scipy import sparse

from wish_tf.errors import InputError
from wish_tf.types import Csr


def is_table(rows: Any) -> bool:
    """Returns whether rows are all there, and no dataset or generator of batches.

    Args:
        rows: of any kind.
    """
    return (
        sparse.issparse(rows)
        or isinstance(rows, (np.ndarray, tf.SparseTensor))
        or tf.is_tensor(rows)
    )


def as_csr(rows: Any, width: int | None = None) -> Csr:
    """Returns rows as CSR float32 [n, vocabulary], the words of a row in order, none
    of them twice and none of weight 0.

    Args:
        rows: a `scipy.sparse` matrix or array of any format, whose duplicate entries
            are summed, a `tf.SparseTensor` in any order, or a dense array, tensor or
            nested list, [n, vocabulary]. It stays as it is.
        width: the size of the vocabulary that they must have, if that is known.

    Raises:
        InputError: when they are no such table of finite numbers, or of another width.
    """
    if isinstance(rows, tf.SparseTensor):
        places = tuple(rows.indices.numpy().T)
        rows = sparse.coo_array((rows.values.numpy(), places), tuple(rows.shape))
    elif not sparse.issparse(rows):
        try:
            rows = np.asarray(rows)
        except (ValueError, TypeError):
            raise InputError(
                f"expected rows as a table of numbers; got {type(rows).__name__}"
            ) from None
    if rows.ndim != 2 or rows.dtype.kind not in "buif":
        raise InputError(
            "expected rows as a table of numbers, [documents, words]; got "
            f"{rows.dtype} of shape {rows.shape}"
        )
    if width is not None and rows.shape[1] != width:
        raise InputError(f"expected rows of {width} words; got {rows.shape[1]}")
    csr = rows.tocsr() if sparse.issparse(rows) else sparse.csr_array(rows)
    if not (csr.has_canonical_format and csr.data.all()):
        # A copy, and before `astype`, which sums the duplicates of what it is given.
        csr = csr.copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
    csr = csr.astype(np.float32, copy=False)
    wrong = ~np.isfinite(csr.data)
    if wrong.any():
        entry = int(np.argmax(wrong))
        row = int(np.searchsorted(csr.indptr, entry, side="right")) - 1
        raise InputError(
            f"expected finite numbers in rows; got {csr.data[entry]} in row {row}, "
            f"word {csr.indices[entry]}"
        )
    return csr


def as_sparse_rows(rows: Any) -> tf.SparseTensor:
    """Returns rows [n, vocabulary] as a float32 `tf.SparseTensor`.

    Args:
        rows: a `tf.SparseTensor`, whose entries stay as they are, a dense tensor, or
            what else `as_csr` takes.

    Raises:
        InputError: as `as_csr`, but for tensors.
    """
    if isinstance(rows, tf.SparseTensor):
        return tf.cast(rows, tf.float32)
    if tf.is_tensor(rows):
        return tf.sparse.from_dense(tf.cast(rows, tf.float32))
    matrix = as_csr(rows).tocoo()
    indices = np.stack([matrix.row, matrix.col], axis=1).astype(np.int64)
    return tf.SparseTensor(indices, matrix.data, matrix.shape)


def row_sums(rows: tf.SparseTensor) -> tf.Tensor:
    """Returns the sum of each row, [n]; faster than `tf.sparse.reduce_sum`.

    Args:
        rows: [n, vocabulary].
    """
    return tf.math.unsorted_segment_sum(
        rows.values, rows.indices[:, 0], rows.dense_shape[0]
    )
