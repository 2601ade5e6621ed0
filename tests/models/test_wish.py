import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from wish_tf.corpora import load_corpus
from wish_tf.data import csr_dataset
from wish_tf.models import WISH
from wish_tf.models.wish import bernoulli_kl
from wish_tf.optimizers import LazyAdam
from wish_tf.vectorizer import fit_vectorizer

SMALL = dict(bits=4, vocabulary_size=30, topic_dim=8, hidden_units=(16, 16))


def small_rows(n: int = 40) -> scipy.sparse.csr_matrix:
    rng = np.random.default_rng(0)
    rows = scipy.sparse.random(n, 30, 0.2, "csr", np.float32, random_state=rng)
    rows.setdiag(1.0)
    return rows.tocsr()


def small_model(**settings) -> WISH:
    keras.utils.set_random_seed(0)
    model = WISH(**{**SMALL, **settings})
    model.compile(LazyAdam(1e-3))
    return model


@pytest.fixture(scope="module")
def real_rows(docs_file) -> scipy.sparse.csr_matrix:
    return fit_vectorizer(load_corpus(docs_file).texts)[1]


def test_config_round_trip_is_whole():
    model = WISH(
        bits=4,
        vocabulary_size=30,
        topic_dim=8,
        hidden_units=(16,),
        dropout=0.1,
        dropout_when_hashing=True,
        word_dropout=0.2,
        word_scale=0.5,
        combine="mean",
        orthogonality=0.5,
        centred=False,
        topics_initializer="ones",
        gradient=0.5,
        kl_step=1e-3,
        stochastic=False,
        name="hasher",
    )
    config = model.get_config()
    ours = {k: v for k, v in config.items() if k not in ("name", "trainable", "dtype")}
    assert ours.pop("topics_initializer")["class_name"] == "Ones"
    assert ours == {
        "bits": 4,
        "vocabulary_size": 30,
        "topic_dim": 8,
        "hidden_units": [16],
        "dropout": 0.1,
        "dropout_when_hashing": True,
        "word_dropout": 0.2,
        "word_scale": 0.5,
        "combine": "mean",
        "orthogonality": 0.5,
        "centred": False,
        "gradient": 0.5,
        "kl_step": 1e-3,
        "stochastic": False,
    }
    assert WISH.from_config(config).get_config() == config


def test_kl_by_hand():
    # p = 1/2 is the prior; p = 0 or 1 is log 2 away from it.
    p = tf.constant([[0.5, 0.5], [1.0, 0.0], [0.25, 0.5]])
    quarter = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    np.testing.assert_allclose(
        bernoulli_kl(p), [0, 2 * np.log(2), quarter], rtol=1e-5, atol=1e-6
    )


def test_kl_has_a_finite_gradient_at_certainty():
    p = tf.constant([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(p)
        kl = bernoulli_kl(p)
    assert np.isfinite(tape.gradient(kl, p).numpy()).all()


def test_loss_is_equation_5():
    model = small_model(stochastic=False, kl_step=0.25)
    model.optimizer.iterations.assign(2)  # beta = 0.5
    model.decoder.topics.assign(model.decoder.topics * 1.5)
    rows = small_rows().toarray()
    p = model(rows)
    bits = (p.numpy() > 0.5).astype(np.float32)
    likelihood = (rows * np.log(model.decoder(bits).numpy())).sum(axis=1)
    gram = model.decoder.topics.numpy() @ model.decoder.topics.numpy().T
    expected = (
        -likelihood.mean()
        + 0.5 * bernoulli_kl(p).numpy().mean()
        + ((gram - np.eye(4)) ** 2).sum()
    )
    loss = model.compute_loss(x=tf.constant(rows), y_pred=p, training=False)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_kl_weight_grows_each_iteration_up_to_one():
    model = small_model(kl_step=0.25)
    for iterations, weight in ((0, 0), (3, 0.75), (4, 1), (9, 1)):
        model.optimizer.iterations.assign(iterations)
        assert float(model.kl_weight) == weight


@pytest.mark.parametrize("form", ["scipy", "dense", "sparse", "dataset"])
def test_fit_evaluate_predict_in_every_form_of_rows(form):
    rows = small_rows()
    if form == "dense":
        rows = rows.toarray()
    elif form == "sparse":
        rows = tf.sparse.from_dense(rows.toarray())
    elif form == "dataset":
        rows = csr_dataset(rows, 16)
    model = small_model()
    history = model.fit(rows, epochs=2, verbose=0, shuffle=False).history
    assert set(history) == {
        "loss",
        "reconstruction",
        "kl",
        "orthogonality",
        "objective",
        "bit_entropy",
        "distinct_codes",
        "dead_bits",
    }
    assert len(history["loss"]) == 2
    assert set(model.evaluate(rows, return_dict=True, verbose=0)) == set(history)
    assert model.predict(rows, verbose=0).shape == (40, 4)
    assert model.encode(rows).shape == (40, 4)


def test_fit_starts_the_bias_at_the_log_frequencies_of_the_words():
    rows = small_rows()
    model = small_model()
    model.compile(keras.optimizers.SGD(0.0))
    model.fit(csr_dataset(rows, 16), verbose=0)
    totals = np.asarray(rows.sum(axis=0)).ravel()
    np.testing.assert_allclose(
        np.exp(model.decoder.bias.numpy()), totals / totals.sum(), rtol=1e-4
    )


def test_targets_other_than_the_input_are_rebuilt():
    model = small_model()
    inputs, targets = small_rows().toarray(), np.roll(small_rows().toarray(), 1, 0)
    p = model(inputs)
    other = model.compute_loss(inputs, targets, p, training=False)
    own = model.compute_loss(targets, None, p, training=False)
    assert float(other) == pytest.approx(float(own))


def test_codes_are_deterministic_and_without_dropout():
    model = small_model(dropout=0.9)
    rows = small_rows()
    np.testing.assert_array_equal(model.encode(rows), model.encode(rows))
    np.testing.assert_array_equal(
        model.encode(rows), model.predict(rows, verbose=0) > 0.5
    )


def test_seeded_training_repeats_itself():
    losses = [
        small_model().fit(csr_dataset(small_rows(), 8, shuffle=True), verbose=0)
        for _ in range(2)
    ]
    assert losses[0].history["loss"] == pytest.approx(losses[1].history["loss"])


def test_save_and_load_give_identical_codes_and_training_goes_on(tmp_path):
    rows = small_rows()
    model = small_model()
    model.fit(rows, verbose=0)
    model.save(tmp_path / "wish.keras")
    loaded = keras.models.load_model(tmp_path / "wish.keras")
    np.testing.assert_array_equal(
        loaded.predict(rows, verbose=0), model.predict(rows, verbose=0)
    )
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations)
    loaded.fit(rows, verbose=0)


def test_topics_are_the_strongest_words():
    model = small_model()
    words, weights = model.topics(3)
    full = model.decoder.word_gains().numpy()
    for bit in range(4):
        assert weights[bit].tolist() == sorted(full[bit], reverse=True)[:3]
        np.testing.assert_array_equal(full[bit][words[bit]], weights[bit])


def test_training_on_real_texts_keeps_every_bit_alive(real_rows):
    keras.utils.set_random_seed(0)
    model = WISH(bits=8, vocabulary_size=real_rows.shape[1], hidden_units=(200, 200))
    model.compile(LazyAdam(1e-3))
    dataset = csr_dataset(real_rows, 100, shuffle=True)
    first = model.fit(dataset, epochs=8, verbose=0).history["loss"]
    codes = model.encode(csr_dataset(real_rows, 500))
    share = codes.mean(axis=0)
    assert ((share > 0.05) & (share < 0.95)).all()
    assert len(np.unique(codes, axis=0)) > 32
    assert first[-1] < first[0]


def test_bits_out_of_range_are_refused():
    with pytest.raises(ValueError, match="from 1 to 64. Received: bits=65"):
        WISH(65, 30)


def test_sample_weights_are_refused():
    rows = small_rows().toarray()
    with pytest.raises(ValueError, match="does not take a `sample_weight`"):
        small_model().fit(rows, rows, sample_weight=np.ones(40), verbose=0)
