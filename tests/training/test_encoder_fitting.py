import keras
import numpy as np
import pytest

from tests.training.planted import planted_rows
from wish_tf.layers import BernoulliEncoder
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.topics import Topics

TARGETS = np.random.default_rng(1).random((40, 3)).astype(np.float32)


def fitting(hidden_units=(8,)) -> EncoderFitting:
    keras.utils.set_random_seed(0)
    model = EncoderFitting(BernoulliEncoder(3, hidden_units), 100, texts=40)
    rng = np.random.default_rng(0)
    model.topics = Topics(
        rng.normal(size=(3, 100)).astype(np.float32),
        rng.normal(size=100).astype(np.float32),
    )
    model.targets.assign(TARGETS)
    return model


def test_loss_is_the_cross_entropy_of_all_bits():
    p = np.array([[0.5, 0.9, 0.2], [0.1, 0.5, 1.0]], np.float32)
    y = np.array([[1, 1, 0], [0.5, 0, 1]], np.float32)
    each = [
        np.log(0.5) + np.log(0.9) + np.log(0.8),
        0.5 * np.log(0.1) + 0.5 * np.log(0.9) + np.log(0.5) + 0,
    ]
    model = fitting()
    assert float(model.compute_loss(None, y, p)) == pytest.approx(-np.mean(each))
    assert float(model._objective.result()) == pytest.approx(np.mean(each))


def test_only_the_encoder_is_trained():
    rows, _ = planted_rows(40)
    model = fitting()
    model.compile("adam")
    before = model.topics
    history = model.fit(rows.toarray(), TARGETS, epochs=10, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert set(history) == {
        "loss",
        "objective",
        "bit_entropy",
        "distinct_codes",
        "dead_bits",
    }
    np.testing.assert_array_equal(model.topics.words, before.words)
    np.testing.assert_array_equal(model.targets, TARGETS)
    assert len(model.trainable_weights) == len(model.encoder.trainable_weights)


def test_first_layer_starts_at_mixtures_of_directions():
    rows, _ = planted_rows(40)
    directions = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    model = fitting(hidden_units=(400,))
    model.start_from(directions, rows, seed=1)
    kernel = model.encoder.words.kernel.numpy()
    assert np.linalg.matrix_rank(kernel, tol=1e-3) == 5
    units = rows @ kernel + model.encoder.words.bias.numpy()
    # Each direction has mean 0 and deviation 1, of which a fifth each.
    np.testing.assert_allclose(units.mean(axis=0), 0, atol=1e-4)
    assert units.std(axis=0).mean() == pytest.approx(1, abs=0.1)


def test_save_and_load_keep_encoder_topics_and_targets(tmp_path):
    rows, _ = planted_rows(12)
    model = fitting()
    model.compile("adam")
    model.save(tmp_path / "f.keras")
    loaded = keras.saving.load_model(tmp_path / "f.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(rows.toarray()), model(rows.toarray()))
    np.testing.assert_array_equal(loaded.topics.words, model.topics.words)
    np.testing.assert_array_equal(loaded.targets, TARGETS)
