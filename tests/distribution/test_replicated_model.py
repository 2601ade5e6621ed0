import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.planted import planted_rows
from wish_tf.data import csr_dataset
from wish_tf.layers import BernoulliEncoder
from wish_tf.models import WISH
from wish_tf.optimizers import LazyAdam
from wish_tf.training.encoder_fitting import EncoderFitting

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


def encoder_fitting() -> EncoderFitting:
    encoder = BernoulliEncoder(3, hidden_units=(16,), dropout=0.0)
    return EncoderFitting(encoder, 100, texts=121)


TARGETS = np.random.default_rng(0).random((121, 3)).astype(np.float32)


@functools.cache
def fitted(make, strategy, n: int):
    """Returns a model trained in a strategy's scope, and its history.

    To distribute a pass costs half a second, so what is trained is trained once.
    """
    rows = planted_rows(121)[0][:n]
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = make()
        model.compile(LazyAdam(0.01))
        targets = validation_targets = None
        if isinstance(model, EncoderFitting):
            targets, validation_targets = TARGETS[:n], TARGETS[:21]
        history = model.fit(
            csr_dataset(rows, 50, shuffle=True, seed=1, targets=targets),
            epochs=EPOCHS,
            verbose=0,
            validation_data=csr_dataset(rows[:21], 20, targets=validation_targets),
        ).history
    return model, history


@pytest.mark.parametrize("make", [wish, encoder_fitting])
@pytest.mark.parametrize("n", SIZES)
def test_two_devices_give_the_weights_and_losses_of_one(mirrored, make, n):
    one, expected = fitted(make, tf.distribute.get_strategy(), n)
    two, found = fitted(make, mirrored, n)
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
    with pytest.raises(ValueError, match="should be a dataset.*Received: csr_matrix"):
        model.fit(rows)


def test_xla_is_not_chosen():
    assert not wish().supports_jit and not encoder_fitting().supports_jit
