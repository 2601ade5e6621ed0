import itertools

import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf.data import csr_dataset
from wish_tf.distribution.shared_batches import shared_batches


def first_words(strategy, rows) -> list[list[float]]:
    return [
        tf.sparse.to_dense(share).numpy()[:, 0].tolist()
        for share in strategy.experimental_local_results(rows)
    ]


@pytest.mark.parametrize("last", [[10, 11], [10]], ids=["two", "one"])
def test_replicas_get_equal_shares_in_order(mirrored, last):
    n = 7 + len(last)
    matrix = scipy.sparse.csr_matrix(np.arange(3, 3 + n)[:, None] * [1, 0, 2])
    targets = np.arange(n)
    shared = shared_batches(mirrored, csr_dataset(matrix, 7, targets=targets))
    (rows, beside), (last_rows, _) = list(shared)
    assert first_words(mirrored, rows) == [[3, 4, 5], [6, 7, 8, 9]]
    beside = mirrored.experimental_local_results(beside)
    assert [part.numpy().tolist() for part in beside] == [[0, 1, 2], [3, 4, 5, 6]]
    half = len(last) // 2
    assert first_words(mirrored, last_rows) == [last[:half], last[half:]]


def test_each_pass_has_the_order_it_has_on_one_device(mirrored):
    dataset = tf.data.Dataset.range(20).shuffle(20, seed=1).batch(6)
    alone = [np.concatenate([b.numpy() for b in dataset]) for _ in range(2)]
    dataset = tf.data.Dataset.range(20).shuffle(20, seed=1).batch(6)
    shared = iter(shared_batches(mirrored, dataset.repeat()))
    for expected in alone:
        found = [
            part.numpy()
            for batch in itertools.islice(shared, 4)
            for part in mirrored.experimental_local_results(batch)
        ]
        np.testing.assert_array_equal(np.concatenate(found), expected)
