import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf.data import as_sparse_rows, row_sums

DENSE = np.array([[0, 1, 2], [0, 0, 0], [3, 0, 4]], np.float64)


@pytest.mark.parametrize(
    "form", [np.array, tf.constant, tf.sparse.from_dense, scipy.sparse.csc_matrix]
)
def test_every_form_becomes_the_same_sparse_tensor(form):
    rows = as_sparse_rows(form(DENSE))
    assert rows.dtype == tf.float32
    assert rows.indices.numpy().tolist() == [[0, 1], [0, 2], [2, 0], [2, 2]]
    np.testing.assert_array_equal(tf.sparse.to_dense(rows), DENSE)


def test_row_sums():
    np.testing.assert_array_equal(row_sums(as_sparse_rows(DENSE)), [3, 0, 7])
