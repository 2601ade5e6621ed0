import keras
import numpy as np
import pytest

from tests.training.planted import planted_rows
from wish_tf.layers import BernoulliEncoder
from wish_tf.models.wish import bernoulli_kl
from wish_tf.training.code_table import all_codes
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.topics import Topics


def random_topics(bits: int = 3) -> Topics:
    rng = np.random.default_rng(0)
    return Topics(
        rng.normal(size=(bits, 100)).astype(np.float32),
        rng.normal(size=100).astype(np.float32),
    )


def fitting(flip: float = 0.1) -> EncoderFitting:
    keras.utils.set_random_seed(0)
    encoder = BernoulliEncoder(3, hidden_units=(8,))
    model = EncoderFitting(encoder, 100, likelihood_weight=2.0, flip=flip)
    model.topics = random_topics()
    return model


@pytest.mark.parametrize("flip", [0.0, 0.1])
def test_loss_is_the_expectation_over_all_codes_and_flips(flip):
    rows, _ = planted_rows(12)
    model, topics = fitting(flip), random_topics()
    p = model(rows.toarray()).numpy()
    codes = all_codes(3)
    logits = (codes - 0.5) @ topics.words + topics.bias
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    likelihood = rows @ log_p.T  # [12, 8], of each code
    distance = np.bitwise_count(np.arange(8)[:, None] ^ np.arange(8))
    likelihood = likelihood @ (flip**distance * (1 - flip) ** (3 - distance))
    q = np.prod(np.where(codes[None] == 1, p[:, None], 1 - p[:, None]), axis=2)
    kl = bernoulli_kl(p).numpy().mean()
    expected = -2.0 * (q * likelihood).sum(axis=1).mean() + kl
    loss = model.compute_loss(rows.toarray(), topics.evidence(rows), p)
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_only_the_encoder_is_trained():
    rows, _ = planted_rows(40)
    model = fitting()
    model.compile("adam")
    before = model.topics
    history = model.fit(
        rows.toarray(), before.evidence(rows), epochs=10, verbose=0
    ).history
    assert history["loss"][-1] < history["loss"][0]
    assert set(history) == {
        "loss",
        "reconstruction",
        "kl",
        "bit_entropy",
        "distinct_codes",
        "dead_bits",
    }
    np.testing.assert_array_equal(model.topics.words, before.words)
    assert len(model.trainable_weights) == len(model.encoder.trainable_weights)


def test_save_and_load_keep_encoder_topics_and_loss(tmp_path):
    rows, _ = planted_rows(12)
    model = fitting()
    model.compile("adam")
    model.save(tmp_path / "f.keras")
    loaded = keras.saving.load_model(tmp_path / "f.keras")
    assert loaded.get_config() == model.get_config()
    dense, evidence = rows.toarray(), model.topics.evidence(rows)
    np.testing.assert_array_equal(loaded(dense), model(dense))
    p = model(dense)
    assert float(loaded.compute_loss(dense, evidence, p)) == pytest.approx(
        float(model.compute_loss(dense, evidence, p))
    )
