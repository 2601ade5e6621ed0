import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf import InputError
from wish_tf.data import csr_dataset

MATRIX = scipy.sparse.csr_matrix(
    np.array([[0, 1, 2], [0, 0, 0], [3, 0, 0], [0, 4, 0], [5, 6, 7]], np.float64)
)


def dense(dataset) -> list[list[list[float]]]:
    return [tf.sparse.to_dense(batch).numpy().tolist() for batch in dataset]


def test_batches_hold_the_rows_in_order():
    assert dense(csr_dataset(MATRIX, 2)) == [
        [[0, 1, 2], [0, 0, 0]],
        [[3, 0, 0], [0, 4, 0]],
        [[5, 6, 7]],
    ]


def test_batches_know_their_width():
    assert csr_dataset(MATRIX, 2).element_spec.shape.as_list() == [None, 3]


def test_shuffled_passes_differ_and_hold_every_row_once():
    large = scipy.sparse.csr_matrix(np.diag(np.arange(1.0, 51)))
    dataset = csr_dataset(large, 8, shuffle=True, seed=1)
    passes = [np.concatenate([np.array(b) for b in dense(dataset)]) for _ in range(2)]
    assert np.any(passes[0] != passes[1])
    for one in passes:
        np.testing.assert_array_equal(np.sort(one.max(axis=1)), np.arange(1, 51))


def test_the_order_repeats_with_the_seed():
    one, two, other = (
        dense(csr_dataset(MATRIX, 5, shuffle=True, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == two != other


def test_targets_go_with_their_rows():
    targets = np.arange(10).reshape(5, 2)
    for rows, beside in csr_dataset(MATRIX, 2, shuffle=True, targets=targets):
        for row, target in zip(tf.sparse.to_dense(rows).numpy(), beside, strict=True):
            place = MATRIX.toarray().tolist().index(row.tolist())
            np.testing.assert_array_equal(target, targets[place])


def test_words_of_a_row_come_in_order_whatever_their_order_in_the_matrix():
    matrix = scipy.sparse.csr_matrix(
        (np.array([2.0, 1.0, 3.0]), np.array([2, 1, 0]), np.array([0, 2, 3]))
    )
    (batch,) = csr_dataset(matrix, 2)
    assert batch.indices.numpy().tolist() == [[0, 1], [0, 2], [1, 0]]
    assert batch.values.numpy().tolist() == [1, 2, 3]
    assert matrix.indices.tolist() == [2, 1, 0]


def test_batches_are_not_tuned_which_would_hold_up_the_end_of_every_epoch():
    for dataset in (csr_dataset(MATRIX, 2), csr_dataset(MATRIX, 2).repeat()):
        assert dataset.options().autotune.enabled is False


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="^expected targets for 5 rows; got 4$"):
        csr_dataset(MATRIX, 2, targets=np.zeros((4, 1)))
    with pytest.raises(InputError, match="^expected batch_size to be a whole number"):
        csr_dataset(MATRIX, 0)


def test_sparse_targets_go_with_their_rows():
    targets = scipy.sparse.csr_matrix(np.diag(np.arange(1.0, 6)))
    for rows, of_rows in csr_dataset(MATRIX, 2, shuffle=True, targets=targets):
        numbers = tf.argmax(tf.sparse.to_dense(of_rows), axis=1).numpy()
        np.testing.assert_array_equal(
            tf.sparse.to_dense(rows), MATRIX[numbers].toarray()
        )
