from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse

from baselines.rbsh import (
    RBSH,
    RBSHNetwork,
    evaluation_pairs,
    neighbours_at_ranks,
    random_pairs,
    ranking_loss,
)
from baselines.tests.rows import random_rows
from wish_tf.data import csr_dataset


@pytest.fixture
def network() -> RBSHNetwork:
    keras.utils.set_random_seed(0)
    network = RBSHNetwork(4, random_rows(20))
    network.compile()
    return network


@pytest.mark.parametrize(
    ("nearer", "expected"),
    [
        # The first should be nearer: 1 - (second - first), not below 0.
        (3.0, [0.0, 1.0, 4.0]),
        # The second should.
        (-3.0, [3.0, 1.0, 0.0]),
        # Both should be equally near.
        (0.0, [2.0, 0.0, 3.0]),
    ],
)
def test_ranking_loss(nearer, expected):
    first, second = tf.constant([0.0, 2.0, 4.0]), tf.constant([2.0, 2.0, 1.0])
    loss = ranking_loss(first, second, tf.fill([3], nearer))
    np.testing.assert_allclose(loss, expected)


def test_ranking_loss_pulls_the_document_that_should_be_nearer():
    first, second = tf.constant([2.0]), tf.constant([2.0])
    with tf.GradientTape() as tape:
        tape.watch([first, second])
        loss = ranking_loss(first, second, tf.constant([1.0]))
    # Going down the gradient, the first comes nearer, the second goes away.
    np.testing.assert_array_equal(tape.gradient(loss, [first, second]), [[1], [-1]])


def test_neighbours_are_at_evenly_spaced_ranks():
    # Row i has i ones, so that row j is |i - j| from it.
    codes = np.tri(31, 30, -1, dtype=np.float32)
    numbers, distances = neighbours_at_ranks(codes, codes)[0]
    # 30 others: ranks 0, 29/9, 58/9, ... 29, rounded down.
    np.testing.assert_array_equal(numbers, [1, 4, 7, 10, 13, 17, 20, 23, 26, 30])
    np.testing.assert_array_equal(distances, numbers)
    found = neighbours_at_ranks(codes[:1].copy(), codes)
    assert found.dtype == np.int32 and found.shape == (1, 2, 10)
    np.testing.assert_array_equal(found[0, 0, [0, 9]], [0, 30])


def test_only_the_200_nearest_are_drawn_from():
    codes = np.tri(256, 255, -1, dtype=np.float32)
    numbers, _ = neighbours_at_ranks(codes, codes)[0]
    np.testing.assert_array_equal(numbers[[0, -1]], [1, 200])


def test_a_training_pair_is_two_neighbours_and_their_distances():
    numbers = np.arange(10)
    neighbours = np.tile(np.stack([numbers, numbers * 100]), (500, 1, 1))
    random = tf.random.Generator.from_seed(0)
    pairs = random_pairs(random, tf.constant(neighbours)).numpy()
    assert pairs.shape == (500, 2, 2)
    np.testing.assert_array_equal(pairs[:, 1], pairs[:, 0] * 100)
    assert (pairs[:, 0, 0] != pairs[:, 0, 1]).all()
    # All ten occur in either place, and either may be the nearer.
    assert set(pairs[:, 0, 0]) == set(pairs[:, 0, 1]) == set(range(10))
    assert 150 < (pairs[:, 0, 0] < pairs[:, 0, 1]).sum() < 350


def test_evaluation_always_takes_the_same_pairs():
    neighbours = np.tile(np.arange(10), (5, 2, 1))
    pairs = evaluation_pairs(tf.constant(neighbours)).numpy()
    np.testing.assert_array_equal(pairs[:, 0], [[0, 5], [1, 6], [2, 7], [3, 8], [4, 9]])


def batches_of(rows: sparse.csr_matrix, shuffle: bool) -> tf.data.Dataset:
    """All 31 rows in a batch; the teacher's code of row i has i ones."""
    method = RBSH(3)
    method._teacher_codes = np.tri(31, 30, -1, dtype=np.float32)
    method.batch_size = 31
    return method._batches(rows, rows, shuffle)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_batch_has_the_documents_then_the_first_and_second_of_their_pairs(shuffle):
    rows = random_rows(31)
    ((x, distances),) = batches_of(rows, shuffle)
    dense = tf.sparse.to_dense(x).numpy()
    assert dense.shape == (93, 12) and distances.shape == (31, 2)
    number = {row.tobytes(): i for i, row in enumerate(rows.toarray())}
    seen = np.array([number[row.tobytes()] for row in dense])
    documents, first, second = np.split(seen, 3)
    assert sorted(documents) == list(range(31))
    assert (list(documents) == sorted(documents)) != shuffle
    np.testing.assert_array_equal(distances[:, 0], abs(first - documents))
    np.testing.assert_array_equal(distances[:, 1], abs(second - documents))
    assert (distances.numpy() > 0).all()


def test_pairs_are_drawn_anew_in_each_pass():
    batches = batches_of(random_rows(31), shuffle=True)
    passes = [next(iter(batches))[1].numpy().tobytes() for _ in range(3)]
    assert len(set(passes)) == 3


def test_objective_of_a_network_that_knows_nothing(network):
    rows = random_rows(20)
    network.to_bits.kernel.assign(np.zeros((300, 4)))
    network.probabilities.build((None, 1000))
    network.probabilities.kernel.assign(np.zeros((1000, 4)))
    # Row 0's pair are rows 1 and 1 of different distances, row 1's are rows 2 and 2,
    # equally far.
    (x,) = csr_dataset(rows[[0, 1, 1, 2, 1, 2]], 6)
    y = tf.constant([[0, 5], [3, 3]])
    losses, final = network.losses_of(x, y, network(x), training=False)
    # Every bit is off with probability 1/2, all codes are alike: what is left is the
    # words' shares in the three documents, and the margin where ranks differ.
    shares = np.log(np.bincount(rows.indices) / rows.nnz)
    words = [-shares[rows[i].indices].sum() for i in range(3)]
    rebuilt = np.array([words[0] + 2 * words[1], words[1] + 2 * words[2]])
    np.testing.assert_allclose(losses - rebuilt, [0.5, 0], atol=1e-4)
    np.testing.assert_allclose(final - rebuilt, [0.5 + 35 / 30, 0], atol=1e-4)


def test_schedules_go_by_iteration(network):
    def weights(iterations: int) -> list[float]:
        network.optimizer.iterations.assign(iterations)
        return [
            float(network.annealed(network.kl_step, network.kl_end)),
            float(
                network.annealed(
                    network.rank_step, network.rank_end, network.rank_start
                )
            ),
        ]

    np.testing.assert_allclose(weights(0), [0, 0.5])
    np.testing.assert_allclose(weights(3000), [0.02, 0.51], rtol=1e-5)
    np.testing.assert_allclose(weights(6000), [0.04, 0.52], rtol=1e-5)
    np.testing.assert_allclose(weights(350_000), [0.04, 5 / 3], rtol=1e-5)


def test_noise_on_the_code_ends_after_a_million_iterations(network):
    (x,) = csr_dataset(random_rows(20), 20)
    codes = tf.zeros([20, 4])

    def spread(iterations: int) -> float:
        network.optimizer.iterations.assign(iterations)
        both = [network._log_likelihood(codes, x, training=True) for _ in range(2)]
        return float(tf.reduce_max(tf.abs(both[0] - both[1])))

    network.to_bits.kernel.assign(tf.random.normal((300, 4)))
    assert spread(0) > 0.1
    assert spread(1_000_000) == spread(2_000_000) == 0


def test_importance_starts_between_a_tenth_and_one_and_weighs_the_input(network):
    importance = network.words.importance.numpy()
    assert importance.min() >= 0.1 and importance.max() <= 1
    assert importance.max() - importance.min() > 0.3
    rows = random_rows(20)
    (x,) = csr_dataset(rows, 20)
    before, _ = network(x)
    network.words.importance.assign(np.ones(12))
    (weighted,) = csr_dataset(rows.multiply(importance).tocsr(), 20)
    np.testing.assert_allclose(network(weighted)[0], before, rtol=1e-4)


def test_fitted_codes_are_the_probabilities_above_a_half_and_follow_the_seed():
    rows = random_rows(100)
    first, again = RBSH(3, seed=5, epochs=1), RBSH(3, seed=5, epochs=1)
    codes = first.fit_transform(rows)
    again.fit(rows)
    (x,) = csr_dataset(rows, 100)
    values, _ = first.network(x)
    np.testing.assert_array_equal(values, again.network(x)[0])
    np.testing.assert_array_equal(codes, values.numpy() > 0.5)
    # The seed tells what the training started from: each part has moved since.
    keras.utils.set_random_seed(5)
    start = RBSHNetwork(3, rows)
    for ours, initial in (
        (first.network.words.importance, start.words.importance),
        (first.network.embeddings, start.embeddings),
        (first.network.bias, start.bias),
    ):
        assert 0 < np.abs(ours - initial).max() < 0.01, ours.path
