import keras
import numpy as np
import tensorflow as tf

from tests.layer_checks import check_layer
from wish_tf.layers import StraightThroughBernoulli

P = np.array([[0.1, 0.5, 0.9], [0.6, 0.51, 0.0]], np.float32)


def test_layer_contract(tmp_path):
    check_layer(
        StraightThroughBernoulli(stochastic=True, gradient=0.5, seed=3),
        P,
        config={"stochastic": True, "gradient": 0.5, "seed": 3},
        output_shape=(2, 3),
        weights=0,
        folder=tmp_path,
    )


def test_deterministic_outside_of_training_and_one_half_is_off():
    bits = StraightThroughBernoulli()(P)
    np.testing.assert_array_equal(bits, [[0, 0, 1], [1, 1, 0]])


def test_not_stochastic_is_deterministic_in_training():
    bits = StraightThroughBernoulli(stochastic=False)(P, training=True)
    np.testing.assert_array_equal(bits, [[0, 0, 1], [1, 1, 0]])


def test_injected_thresholds_decide():
    thresholds = np.array([[0.05, 0.6, 0.95], [0.6, 0.5, 0.0]], np.float32)
    bits = StraightThroughBernoulli()(P, training=True, thresholds=thresholds)
    np.testing.assert_array_equal(bits, [[1, 0, 0], [0, 1, 0]])


def test_gradient_with_respect_to_probabilities_is_one():
    p = tf.constant(P)
    with tf.GradientTape() as tape:
        tape.watch(p)
        bits = StraightThroughBernoulli(seed=0)(p, training=True)
        loss = tf.reduce_sum(bits * tf.constant([[3.0, 5.0, 7.0]]))
    np.testing.assert_array_equal(tape.gradient(loss, p), [[3, 5, 7], [3, 5, 7]])


def test_the_gradient_can_be_scaled():
    p = tf.constant(P)
    with tf.GradientTape() as tape:
        tape.watch(p)
        loss = tf.reduce_sum(StraightThroughBernoulli(gradient=0.5)(p, training=True))
    np.testing.assert_array_equal(tape.gradient(loss, p), np.full(P.shape, 0.5))


def test_drawn_bits_follow_the_probabilities():
    p = np.full((20_000, 2), [0.2, 0.7], np.float32)
    share = StraightThroughBernoulli(seed=1)(p, training=True).numpy().mean(axis=0)
    # Five standard errors of a share of 20,000 draws.
    np.testing.assert_allclose(share, [0.2, 0.7], atol=5 * 0.5 / 20_000**0.5)


def test_draws_differ_from_step_to_step_and_repeat_with_the_seed():
    p = np.full((50, 8), 0.5, np.float32)
    layer, twin = StraightThroughBernoulli(seed=7), StraightThroughBernoulli(seed=7)
    first, second = layer(p, training=True), layer(p, training=True)
    assert np.any(first.numpy() != second.numpy())
    np.testing.assert_array_equal(first, twin(p, training=True))


def test_draws_follow_the_global_seed_without_one_of_their_own():
    p = np.full((50, 8), 0.5, np.float32)
    keras.utils.set_random_seed(5)
    first = StraightThroughBernoulli()(p, training=True)
    keras.utils.set_random_seed(5)
    np.testing.assert_array_equal(first, StraightThroughBernoulli()(p, training=True))


def test_a_seed_generator_can_be_given():
    p = np.full((50, 8), 0.5, np.float32)
    layer = StraightThroughBernoulli(seed=keras.random.SeedGenerator(7))
    again = StraightThroughBernoulli.from_config(layer.get_config())
    expected = StraightThroughBernoulli(seed=7)(p, training=True)
    np.testing.assert_array_equal(layer(p, training=True), expected)
    np.testing.assert_array_equal(again(p, training=True), expected)


@keras.saving.register_keras_serializable("tests")
class Autoencoder(keras.Model):
    """A user's model, which Keras builds anew in a graph when it is loaded."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.encode = keras.layers.Dense(4, "sigmoid")
        self.draw = StraightThroughBernoulli()
        self.decode = keras.layers.Dense(3)

    def call(self, inputs, training=False):
        return self.decode(self.draw(self.encode(inputs), training=training))


def test_a_subclassed_model_is_loaded_as_it_was_saved(tmp_path):
    model = Autoencoder()
    model.compile("adam", "mse")
    model.fit(P, P, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert len(loaded.weights) == len(model.weights) == 4
    np.testing.assert_array_equal(loaded(P), model(P))
    # Also the state of the noise.
    np.testing.assert_array_equal(loaded(P, training=True), model(P, training=True))


def test_masks_pass():
    mask = tf.constant([True, False])
    inputs = tf.constant(P)
    inputs._keras_mask = mask
    assert StraightThroughBernoulli()(inputs)._keras_mask is mask


def test_replicas_draw_different_noise(two_devices):
    strategy = tf.distribute.MirroredStrategy(two_devices)
    with strategy.scope():
        layer = StraightThroughBernoulli(seed=0)

    @tf.function
    def draw():
        return strategy.run(lambda: layer(tf.fill([10, 64], 0.5), training=True))

    one, two = strategy.experimental_local_results(draw())
    assert np.any(one.numpy() != two.numpy())
