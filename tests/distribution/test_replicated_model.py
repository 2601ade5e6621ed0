import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.planted import planted_rows
from wish_tf.data import csr_dataset
from wish_tf.models import WISH
from wish_tf.optimizers import LazyAdam

# Sums in another order are all that differs. Steps of Adam make up to 2e-6 of it in
# weights of size 1.
TOLERANCE = 1e-5
EPOCHS = 4
STEPS = 3 * EPOCHS
# Batches of 50 and a last one of 21 (shares of 10 and 11) or 1 (of 0 and 1).
SIZES = [121, 101]


def wish(**settings) -> WISH:
    settings = {"dropout": 0.0, "stochastic": False, "kl_step": 0.01, **settings}
    return WISH(3, 100, topic_dim=8, hidden_units=(16, 8), **settings)


@functools.cache
def fitted(make, strategy, n: int, optimizer=LazyAdam):
    """Returns a model trained in a strategy's scope, and its history.

    To distribute a pass costs half a second, so what is trained is trained once.
    """
    rows = planted_rows(121)[0][:n]
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = make()
        model.compile(optimizer(0.01))
        history = model.fit(
            csr_dataset(rows, 50, shuffle=True, seed=1),
            epochs=EPOCHS,
            verbose=0,
            validation_data=csr_dataset(rows[:21], 20),
        ).history
    return model, history


@pytest.mark.parametrize("n", SIZES)
def test_two_devices_give_the_weights_and_losses_of_one(mirrored, n):
    one, expected = fitted(wish, tf.distribute.get_strategy(), n)
    two, found = fitted(wish, mirrored, n)
    steps = [int(model.optimizer.iterations.numpy()) for model in (one, two)]
    assert steps == [STEPS, STEPS]
    for ours, theirs in zip(two.weights, one.weights, strict=True):
        np.testing.assert_allclose(
            ours.numpy(), theirs.numpy(), rtol=0, atol=TOLERANCE, err_msg=ours.path
        )
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(
            found[name], values, rtol=1e-5, atol=1e-5, err_msg=name
        )
    # Both replicas hold the same weights.
    for weight in two.trainable_weights:
        first, second = mirrored.experimental_local_results(weight.value)
        np.testing.assert_array_equal(first.numpy(), second.numpy())


@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_optimizers_of_keras_train_the_model_of_one_device(mirrored, name):
    optimizer = getattr(keras.optimizers, name)
    one, _ = fitted(wish, tf.distribute.get_strategy(), 121, optimizer)
    two, _ = fitted(wish, mirrored, 121, optimizer)
    for ours, theirs in zip(two.weights, one.weights, strict=True):
        np.testing.assert_allclose(
            ours.numpy(), theirs.numpy(), rtol=0, atol=TOLERANCE, err_msg=ours.path
        )


def test_each_epoch_has_the_next_order():
    seen = []

    class Seeing(WISH):
        def train_step(self, data):
            tf.py_function(lambda batch: seen.extend(batch.numpy()), [data[:, 0]], [])
            return super().train_step(data)

    def batches():
        rows = tf.reshape(tf.range(40.0), [40, 1]) * tf.ones([1, 100])
        return tf.data.Dataset.from_tensor_slices(rows).shuffle(40, seed=1).batch(10)

    model = Seeing(3, 100, topic_dim=8, hidden_units=(16,))
    model.compile(keras.optimizers.SGD(0.0))
    model.adapt(np.ones((1, 100)))
    model.fit(batches(), epochs=3, verbose=0)
    expected = batches()
    orders = [np.concatenate([b[:, 0] for b in expected]) for _ in range(3)]
    np.testing.assert_array_equal(seen, np.concatenate(orders))


def test_a_dataset_without_an_end_is_taken_by_steps(mirrored):
    rows = planted_rows(121)[0]
    with mirrored.scope():
        model = wish()
        model.compile(LazyAdam(0.01))
    model.adapt(rows)
    endless = csr_dataset(rows, 50).repeat()
    model.fit(endless, steps_per_epoch=4, epochs=2, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 8
    assert len(model.predict(endless, steps=3, verbose=0)) == 121
    with pytest.raises(ValueError, match="a known number of batches.*unknown length"):
        model.fit(endless, verbose=0)


def test_codes_are_those_of_one_device(mirrored):
    rows, _ = planted_rows(41)
    one, _ = fitted(wish, tf.distribute.get_strategy(), 121)
    with mirrored.scope():
        two = wish()
    two.set_weights(one.get_weights())
    np.testing.assert_array_equal(two.encode(rows, 20), one.encode(rows, 20))


def test_replicas_draw_different_bits(mirrored):
    with mirrored.scope():
        model = wish(stochastic=True)

    @tf.function
    def draw():
        half = tf.fill([10, 3], 0.5)
        return mirrored.run(lambda: model.sampler(half, training=True))

    one, two = mirrored.experimental_local_results(draw())
    assert np.any(one.numpy() != two.numpy())


def test_a_trained_model_can_be_saved_and_loaded(mirrored, tmp_path):
    model, _ = fitted(wish, mirrored, 101)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    rows = planted_rows(20)[0].toarray()
    np.testing.assert_allclose(loaded(rows), model(rows), atol=1e-6)
    assert int(loaded.optimizer.iterations) == STEPS


def test_sparse_rows_must_be_a_dataset(mirrored):
    rows, _ = planted_rows(40)
    with mirrored.scope():
        model = wish()
        model.compile(LazyAdam(0.01))
    with pytest.raises(ValueError, match="sparse rows as a dataset.*got a csr_matrix"):
        model.fit(rows)


def test_xla_is_not_chosen():
    assert not wish().supports_jit


def test_a_loss_is_refused():
    model = wish()
    model.compile("adam", loss="mse")
    with pytest.raises(ValueError, match="without a loss.*WISH.*got loss='mse'"):
        model.fit(planted_rows(41)[0])


def test_arguments_may_be_given_by_position():
    rows = planted_rows(41)[0].toarray()
    model = wish()
    model.compile(LazyAdam(0.01))
    assert len(model.fit(rows, None, 10, 2, 0).epoch) == 2
    assert int(model.optimizer.iterations) == 2 * 5
    assert len(model.predict(rows, 10, 0)) == 41
    assert model.evaluate(rows, None, 10, 0)
