import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf import InputError
from wish_tf.data import as_csr, as_sparse_rows, row_sums

DENSE = np.array([[0, 1, 2], [0, 0, 0], [3, 0, 4]], np.float64)


@pytest.mark.parametrize(
    "form",
    [
        np.array,
        np.ndarray.tolist,
        tf.constant,
        tf.sparse.from_dense,
        scipy.sparse.csc_matrix,
        scipy.sparse.coo_array,
        scipy.sparse.dok_array,
        scipy.sparse.lil_matrix,
    ],
)
def test_every_form_becomes_the_same_sparse_tensor(form):
    rows = as_sparse_rows(form(DENSE))
    assert rows.dtype == tf.float32
    assert rows.indices.numpy().tolist() == [[0, 1], [0, 2], [2, 0], [2, 2]]
    np.testing.assert_array_equal(tf.sparse.to_dense(rows), DENSE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_csr_is_canonical_and_what_was_given_stays(dtype):
    values, words = np.array([4, 1, 2, 0, 5, -5], dtype), np.array([2, 0, 2, 1, 0, 0])
    given = scipy.sparse.csr_array((values, words, np.array([0, 3, 6])), shape=(2, 3))
    rows = as_csr(given, width=3)
    assert rows.dtype == np.float32
    assert rows.indptr.tolist() == [0, 2, 2]
    assert rows.indices.tolist() == [0, 2] and rows.data.tolist() == [1, 6]
    assert given.indices.tolist() == [2, 0, 2, 1, 0, 0]
    assert given.data.tolist() == [4, 1, 2, 0, 5, -5]


def test_canonical_rows_are_not_copied():
    rows = scipy.sparse.csr_matrix(DENSE, dtype=np.float32)
    assert as_csr(rows) is rows


def test_an_unordered_tensor_with_duplicates():
    tensor = tf.SparseTensor([[1, 2], [0, 1], [1, 2], [0, 0]], [1.0, 2, 3, 4], (2, 3))
    assert as_csr(tensor).toarray().tolist() == [[4, 2, 0], [0, 0, 4]]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (np.zeros((2, 4)), "rows of 3 words; got 4"),
        (scipy.sparse.csr_array((2, 2)), "rows of 3 words; got 2"),
        (np.zeros(3), r"\[documents, words\]; got float64 of shape \(3,\)"),
        (np.zeros((1, 2, 3)), r"got float64 of shape \(1, 2, 3\)"),
        (np.array([["a", "b", "c"]]), r"got <U1 of shape \(1, 3\)"),
        ([[1, 2, 3], [1]], "rows as a table of numbers; got list"),
        (np.array([[0, 1, 0], [0, 0, np.nan]]), "got nan in row 1, word 2"),
        (scipy.sparse.csc_array([[0, np.inf, 0]]), "got inf in row 0, word 1"),
        # Finite as float64 only.
        (np.array([[0, 0, -1e39]]), "got -inf in row 0, word 2"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_are_no_rows_is_refused(rows, sentence):
    with pytest.raises(InputError, match=f"^expected .*{sentence}$"):
        as_csr(rows, width=3)


def test_row_sums():
    np.testing.assert_array_equal(row_sums(as_sparse_rows(DENSE)), [3, 0, 7])
