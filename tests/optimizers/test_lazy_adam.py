from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from wish_tf.optimizers import LazyAdam, lazy_adam

STATM = Path("/proc/self/statm")
START = np.arange(12, dtype=np.float32).reshape(4, 3) / 10


def variable() -> keras.Variable:
    return keras.Variable(START)


def test_dense_gradients_give_what_keras_adam_gives():
    rng = np.random.default_rng(0)
    ours, theirs = variable(), variable()
    lazy, adam = LazyAdam(0.01), keras.optimizers.Adam(0.01)
    for _ in range(20):
        gradient = tf.constant(rng.normal(size=(4, 3)), tf.float32)
        lazy.apply([gradient], [ours])
        adam.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)


def test_rows_of_a_sparse_gradient_move_as_under_dense_adam_and_others_stay():
    rng = np.random.default_rng(0)
    ours, theirs = variable(), variable()
    lazy, adam = LazyAdam(0.01), keras.optimizers.Adam(0.01)
    for _ in range(20):
        values = rng.normal(size=(2, 3)).astype(np.float32)
        lazy.apply([tf.IndexedSlices(values, [2, 0], [4, 3])], [ours])
        dense = np.zeros((4, 3), np.float32)
        dense[[2, 0]] = values
        adam.apply([tf.constant(dense)], [theirs])
    np.testing.assert_allclose(
        ours.numpy()[[0, 2]], theirs.numpy()[[0, 2]], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(ours.numpy()[[1, 3]], START[[1, 3]])


def test_a_row_named_twice_counts_as_the_sum():
    once, twice = variable(), variable()
    LazyAdam(0.01).apply(
        [tf.IndexedSlices([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]], [1, 3], [4, 3])], [once]
    )
    LazyAdam(0.01).apply(
        [
            tf.IndexedSlices(
                [[0.5, 1.0, 1.0], [5.0, 5.0, 5.0], [0.5, 1.0, 2.0]], [1, 3, 1], [4, 3]
            )
        ],
        [twice],
    )
    np.testing.assert_allclose(once.numpy(), twice.numpy(), rtol=1e-6)


def test_works_in_a_graph_and_follows_a_schedule():
    weight = variable()
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.1, 0.0])
    optimizer = LazyAdam(schedule)
    optimizer.build([weight])

    @tf.function
    def step():
        optimizer.apply([tf.IndexedSlices(tf.ones([1, 3]), [0], [4, 3])], [weight])

    step()
    step()
    moved = weight.numpy()
    np.testing.assert_allclose(moved[0], START[0] - 0.2, atol=1e-5)
    step()
    np.testing.assert_array_equal(weight.numpy(), moved)


def test_round_trip():
    config = keras.optimizers.serialize(LazyAdam(0.003, beta_1=0.8))
    assert config["registered_name"] == "wish_tf>LazyAdam"
    loaded = keras.optimizers.deserialize(config)
    assert (loaded.beta_1, float(loaded.learning_rate)) == (0.8, pytest.approx(0.003))


def test_amsgrad_is_refused():
    with pytest.raises(ValueError, match="expected amsgrad=False"):
        LazyAdam(amsgrad=True)


@pytest.mark.parametrize("count", [0, 1, 23])
def test_pieces_in_a_graph_move_rows_as_at_once_outside_of_it(monkeypatch, count):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(50, 3)).astype(np.float32)
    rows = rng.permutation(50)[:count]
    values = rng.normal(size=(count, 3)).astype(np.float32)

    def after_two_steps(in_a_graph: bool, numbers: int) -> np.ndarray:
        monkeypatch.setattr(lazy_adam, "PIECE", numbers)
        weight = keras.Variable(start)
        optimizer = LazyAdam(0.01)
        optimizer.build([weight])

        def step():
            optimizer.apply([tf.IndexedSlices(values, rows, [50, 3])], [weight])

        step = tf.function(step) if in_a_graph else step
        step()
        step()
        return weight.numpy()

    four_rows_a_piece = 12
    moved = after_two_steps(True, four_rows_a_piece)
    assert np.sum(np.any(moved != start, axis=1)) == count
    np.testing.assert_allclose(moved, after_two_steps(False, 2**20), rtol=1e-6)


@pytest.mark.skipif(not STATM.exists(), reason="memory is read from Linux' /proc")
def test_a_step_leaves_no_variable_behind():
    weight = keras.Variable(np.zeros((1000, 1000), np.float32))
    optimizer = LazyAdam(0.01)
    rows, values = tf.range(1000), tf.ones([1000, 1000])

    def steps(count: int) -> int:
        """Takes steps, and returns the memory held after them, in kilobytes."""
        for _ in range(count):
            optimizer.apply([tf.IndexedSlices(values, rows, [1000, 1000])], [weight])
        return int(STATM.read_text().split()[1]) * 4

    # Each step makes variables of 12 MB.
    before = steps(5)
    assert steps(40) - before < 200_000
