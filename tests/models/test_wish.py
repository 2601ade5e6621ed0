import pickle
import random
import re
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

import wish_tf
from wish_tf.corpora import load_corpus
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH
from wish_tf.models.wish import bernoulli_kl
from wish_tf.optimizers import LazyAdam

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
    return TfidfVectorization().adapt(load_corpus(docs_file).texts)


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
        gamma=0.25,
        stochastic=False,
        seed=3,
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
        "gamma": 0.25,
        "stochastic": False,
        "seed": 3,
    }
    assert WISH.from_config(config).get_config() == config


def test_kl_by_hand():
    # p = 1/2 is the prior; p = 0 or 1 is log 2 away from it.
    p = tf.constant([[0.5, 0.5], [1.0, 0.0], [0.25, 0.5]])
    quarter = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    np.testing.assert_allclose(
        bernoulli_kl(p, 0.0), [0, 2 * np.log(2), quarter], rtol=1e-5, atol=1e-6
    )


def test_kl_to_a_prior_of_each_bit_by_hand():
    # Logit 0 is gamma = 1/2, log 3 is 3/4: (1/2) log(2/3) + (1/2) log 2 away from 1/2.
    p = tf.constant([[0.25, 0.5], [0.5, 0.75]])
    quarter = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    half = 0.5 * np.log(2 / 3) + 0.5 * np.log(2)
    np.testing.assert_allclose(
        bernoulli_kl(p, np.array([0, np.log(3)], np.float32)),
        [quarter + half, 0],
        rtol=1e-5,
        atol=1e-6,
    )


def test_kl_has_a_finite_gradient_at_certainty():
    p = tf.constant([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(p)
        kl = bernoulli_kl(p, 0.0)
    assert np.isfinite(tape.gradient(kl, p).numpy()).all()


@pytest.mark.parametrize("gamma", [0.25, [0.25, 0.5, 0.125, 0.75]])
def test_gamma_is_the_prior_of_the_bits(gamma):
    model = small_model(gamma=gamma)
    prior = np.broadcast_to(gamma, 4)
    rows = small_rows().toarray()
    p = model(rows).numpy()
    expected = p * np.log(p / prior) + (1 - p) * np.log((1 - p) / (1 - prior))
    kl = model.evaluate(rows, verbose=0, return_dict=True)["kl"]
    assert kl == pytest.approx(expected.sum(axis=1).mean(), rel=1e-4)
    assert WISH.from_config(model.get_config()).gamma == gamma


def test_a_learned_prior_comes_to_the_mean_of_the_probabilities(tmp_path):
    model = small_model(gamma="learned", kl_step=1.0, dropout=0.0)
    assert model.prior_logits.numpy().tolist() == [0] * 4
    model.encoder.trainable = model.decoder.trainable = False
    model.compile(keras.optimizers.SGD(4.0))
    rows = small_rows().toarray()
    model.optimizer.iterations.assign(1)
    model.fit(rows, batch_size=40, epochs=20, verbose=0)
    prior = keras.ops.sigmoid(model.prior_logits)
    np.testing.assert_allclose(prior, model(rows).numpy().mean(axis=0), atol=1e-3)
    model.save(tmp_path / "wish.keras")
    loaded = keras.models.load_model(tmp_path / "wish.keras")
    np.testing.assert_array_equal(loaded.prior_logits, model.prior_logits)


@pytest.mark.parametrize("gamma", [0, 1, 1.5, "0.5", "x", None, [0.5] * 3, np.nan])
def test_priors_that_are_none_are_refused(gamma):
    with pytest.raises(InputError, match="expected gamma to be above 0 and below 1"):
        WISH(**SMALL, gamma=gamma)


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
        + 0.5 * bernoulli_kl(p, 0.0).numpy().mean()
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


def shuffled_entries(rows):
    """The same rows, entries in no order, each in two halves."""
    rows = rows.tocoo()
    order = np.random.default_rng(0).permutation(2 * rows.nnz) % rows.nnz
    return rows.data[order] / 2, rows.row[order], rows.col[order], rows.shape


def unordered_tensor(rows):
    data, row, column, shape = shuffled_entries(rows)
    return tf.SparseTensor(np.stack([row, column], axis=1).astype(int), data, shape)


def unordered_coo(rows):
    data, row, column, shape = shuffled_entries(rows)
    return scipy.sparse.coo_array((data, (row, column)), shape)


@pytest.mark.parametrize(
    "form",
    [
        scipy.sparse.csc_matrix,
        scipy.sparse.lil_array,
        scipy.sparse.dok_array,
        scipy.sparse.bsr_matrix,
        unordered_coo,
        unordered_tensor,
        lambda rows: rows.toarray().tolist(),
    ],
)
def test_every_form_of_rows_is_the_same_rows(form):
    rows = small_rows()
    model, other = small_model(), small_model()
    other.set_weights(model.get_weights())
    for trained, given in ((model, rows), (other, form(rows))):
        keras.utils.set_random_seed(1)
        trained.fit(given, validation_data=(given,), verbose=0, shuffle=False)
        trained.evaluate(given, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)
    probabilities = model.predict(rows, verbose=0)
    np.testing.assert_allclose(
        model.predict(form(rows), verbose=0), probabilities, atol=1e-5
    )
    np.testing.assert_array_equal(model.encode(form(rows)), probabilities > 0.5)


@pytest.mark.parametrize("rows", [small_rows()[:0], np.zeros((0, 30))])
def test_no_rows_have_no_codes(rows):
    assert small_model().encode(rows).shape == (0, 4)


def test_rows_of_another_vocabulary_are_refused():
    model = small_model()
    narrow, wide = small_rows()[:, :15], scipy.sparse.hstack([small_rows()] * 2)
    for use in (
        model.encode,
        model.predict,
        model.evaluate,
        model.fit,
        model.adapt,
        lambda rows: model.fit(small_rows(), rows),
        lambda rows: model.fit(small_rows(), validation_data=(rows,)),
    ):
        for rows, words in ((narrow, 15), (narrow.toarray(), 15), (wide, 60)):
            with pytest.raises(InputError) as caught:
                use(rows)
            assert str(caught.value) == f"expected rows of 30 words; got {words}"
    with pytest.raises(InputError, match=r"^expected rows as a table.* int64 of shape"):
        model.fit(small_rows(), np.arange(40))


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


def fitted_weights(seed) -> list[np.ndarray]:
    model = WISH(**SMALL, word_dropout=0.2, seed=seed)
    model.compile(LazyAdam(1e-2))
    model.fit(csr_dataset(small_rows(), 8, shuffle=True), epochs=3, verbose=0)
    return model.get_weights()


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(map(np.array_equal, one, other))


def global_states() -> tuple:
    return random.getstate(), str(np.random.get_state())  # noqa: NPY002


def test_a_seed_is_all_that_a_training_depends_on():
    keras.utils.set_random_seed(1)
    before = global_states()
    expected = fitted_weights(seed=5)
    assert global_states() == before
    random.seed(3)
    assert same(fitted_weights(seed=5), expected)
    assert not same(fitted_weights(seed=6), expected)


def test_two_fits_in_two_threads_are_those_of_one_after_the_other():
    seeds = [1, 2]
    one_by_one = [fitted_weights(seed) for seed in seeds]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(fitted_weights, seeds))
    assert all(map(same, together, one_by_one))


def test_training_that_goes_on_from_a_file_is_the_same(tmp_path):
    def epochs(model, n):
        model.fit(csr_dataset(small_rows(), 8), epochs=n, verbose=0)

    model = small_model(word_dropout=0.2)
    epochs(model, 1)
    model.save(tmp_path / "wish.keras")
    epochs(model, 2)
    loaded = keras.models.load_model(tmp_path / "wish.keras")
    epochs(loaded, 2)
    assert same(loaded.get_weights(), model.get_weights())


@pytest.mark.parametrize("seed", [-1, 0.5, True, "1"])
def test_seeds_that_are_none_are_refused(seed):
    with pytest.raises(InputError, match=f"whole number from 0; got {seed!r}"):
        WISH(**SMALL, seed=seed)


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


@pytest.mark.parametrize("bits", [0, 65, "8", 8.0])
def test_bits_out_of_range_are_refused(bits):
    with pytest.raises(InputError, match="bits to be a whole number from 1 to 64"):
        WISH(bits, 30)


def test_a_row_of_weight_two_counts_as_two_rows():
    model = small_model(orthogonality=0.0, kl_step=1.0)
    model.optimizer.iterations.assign(1)
    rows = small_rows(3).toarray()
    twice = np.concatenate([rows, rows[:1]])
    expected = 4 * model.compute_loss(twice, None, model(twice), None, False)
    weighted = model.compute_loss(rows, None, model(rows), np.array([2, 1, 1]), False)
    assert float(3 * weighted) == pytest.approx(float(expected), rel=1e-5)


def test_labels_are_no_rows_to_rebuild():
    model = small_model()
    rows = small_rows().toarray()
    for labels in (np.arange(40), np.ones((40, 3))):
        with pytest.raises(InputError, match="y to be rows to rebuild, .n, 30"):
            model.compute_loss(rows, labels, model(rows))


def test_frozen_topics_can_be_trained_around_and_evaluated():
    model = small_model()
    model.decoder.topics.assign(2 * model.decoder.topics)
    model.decoder.trainable = False
    model.compile(LazyAdam(1e-3))
    before = model.decoder.get_weights()
    rows = small_rows().toarray()
    model.adapt(rows)
    model.fit(rows, verbose=0)
    model.trainable = False
    found = model.evaluate(rows, verbose=0, return_dict=True)
    # T T' = 4 I in place of I.
    assert found["orthogonality"] == pytest.approx(4 * 3**2, rel=1e-5)
    assert found["loss"] == pytest.approx(-found["objective"], rel=1e-5)
    assert same(model.decoder.get_weights()[:2], before[:2])


def test_a_penalty_of_ones_own_is_in_the_loss_and_not_that_of_the_topics():
    model = small_model()
    model.encoder.words.kernel.regularizer = keras.regularizers.L2(0.1)
    found = model.evaluate(small_rows(), verbose=0, return_dict=True)
    square = 0.1 * float(np.square(model.encoder.words.kernel.numpy()).sum())
    assert found["orthogonality"] == pytest.approx(0, abs=1e-6)
    assert found["loss"] == pytest.approx(square - found["objective"], rel=1e-4)


def test_beta_before_compile_is_a_sentence():
    with pytest.raises(InputError, match="a compiled model, since beta grows"):
        assert WISH(**SMALL).kl_weight


@pytest.mark.parametrize("policy", ["float64", "mixed_bfloat16", "mixed_float16"])
def test_a_dtype_policy_is_followed_and_does_not_change_files(policy, tmp_path):
    rows = small_rows()
    model = small_model()
    model.save(tmp_path / "float32.keras")
    expected = model.predict(rows, verbose=0)
    keras.config.set_dtype_policy(policy)
    try:
        loaded = keras.models.load_model(tmp_path / "float32.keras")
        np.testing.assert_array_equal(loaded.predict(rows, verbose=0), expected)
        other = small_model()
        other.fit(rows, verbose=0)
    finally:
        keras.config.set_dtype_policy("float32")
    hidden = other.encoder._hidden[0].compute_dtype
    assert other.dtype_policy.name == policy and hidden == policy.split("_")[-1]
    other.save(tmp_path / "other.keras")
    loaded = keras.models.load_model(tmp_path / "other.keras")
    np.testing.assert_array_equal(
        loaded.predict(rows, verbose=0), other.predict(rows, verbose=0)
    )


def eye_batches() -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(np.eye(30, dtype=np.float32)).batch(10)


class Batches(keras.utils.PyDataset):
    def __init__(self, count: int | None):
        super().__init__()
        self.count, self.read = count, 0

    def __getitem__(self, i):
        self.read += 1
        return small_rows(10).toarray()

    @property
    def num_batches(self):
        return self.count


def test_endless_rows_are_taken_by_steps():
    for rows in (eye_batches().repeat(), Batches(None)):
        model = small_model()
        model.fit(rows, steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)
        assert int(model.optimizer.iterations) == 4
        with pytest.raises(InputError, match="expected rows with an end.*got endless"):
            model.adapt(rows)
        with pytest.raises(InputError, match="expected rows with an end.*got endless"):
            small_model().fit(rows, verbose=0)


def test_of_endless_rows_an_epoch_is_counted():
    model = small_model()
    model.compile(keras.optimizers.SGD(0.0))
    # Two batches of ten of thirty different words; a third would be the others.
    model.fit(eye_batches().repeat(), steps_per_epoch=2, verbose=0)
    frequencies = np.exp(model.decoder.bias.numpy())
    expected = np.r_[np.ones(20), np.full(10, 0.01)]
    np.testing.assert_allclose(frequencies, expected / expected.sum(), rtol=1e-4)


def test_what_can_be_read_only_once_is_not_eaten():
    batches = [(small_rows(10).toarray(),) for _ in range(3)]
    model = small_model()
    with pytest.raises(InputError, match="read twice, or a call of `adapt`.*generator"):
        model.fit((batch for batch in batches), verbose=0)
    model.adapt(small_rows())
    model.fit((batch for batch in batches), verbose=0)
    # Keras reads ahead, and takes what is left as an epoch of unknown length.
    assert int(model.optimizer.iterations) >= 3


def test_a_finite_pydataset_is_counted_to_its_end():
    rows = Batches(3)
    small_model().adapt(rows)
    assert rows.read == 3


def test_held_out_rows_are_not_in_the_bias():
    model = small_model()
    model.compile(keras.optimizers.SGD(0.0))
    rows = np.eye(30, dtype=np.float32)
    model.fit(rows, validation_split=1 / 3, verbose=0)
    frequencies = np.exp(model.decoder.bias.numpy())
    expected = np.r_[np.ones(20), np.full(10, 0.01)]
    np.testing.assert_allclose(frequencies, expected / expected.sum(), rtol=1e-4)


def test_weights_count_also_without_y():
    rows = small_rows()
    weights = np.r_[np.full(20, 2.0), np.zeros(20)]
    model = small_model(dropout=0.0, stochastic=False, orthogonality=0.0)
    model.compile(keras.optimizers.SGD(0.0))
    model.adapt(rows)
    settings = dict(batch_size=40, shuffle=False, verbose=0)
    weighted = model.fit(rows, sample_weight=weights, **settings).history["loss"]
    half = model.fit(rows[:20], **settings).history["loss"]
    assert weighted == pytest.approx(half, rel=1e-4)
    validated = model.fit(
        rows, validation_data=(rows, None, weights), **settings
    ).history["val_loss"]
    assert validated == pytest.approx(half, rel=1e-4)


def test_export_takes_dense_rows(tmp_path):
    model = small_model()
    model.export(tmp_path / "saved", verbose=0)
    served = keras.layers.TFSMLayer(tmp_path / "saved", call_endpoint="serve")
    rows = small_rows().toarray()
    np.testing.assert_allclose(served(rows), model(rows), rtol=1e-5)


def test_a_new_process_loads_files_and_pickles(tmp_path):
    model = small_model()
    model.fit(small_rows(), verbose=0)
    model.save(tmp_path / "wish.keras")
    (tmp_path / "wish.pickle").write_bytes(pickle.dumps(model))
    for line in (
        "import wish_tf, keras; m = keras.saving.load_model('wish.keras')",
        "import pickle; m = pickle.load(open('wish.pickle', 'rb'))",
    ):
        line += "; print(type(m.optimizer).__name__, int(m.optimizer.iterations))"
        done = subprocess.run(
            [sys.executable, "-c", line],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "LazyAdam 2"


def test_keras_knows_every_class_also_where_it_came_first(monkeypatch):
    registry = keras.saving.get_custom_objects()
    registered = [name for name in registry if name.startswith("wish_tf>")]
    for name in registered:
        monkeypatch.delitem(registry, name)
    known = runpy.run_path(wish_tf.__file__)["_KERAS_CLASSES"]
    assert {f"wish_tf>{name}" for name in known} <= set(registry)
    sources = Path(wish_tf.__file__).parent.rglob("*.py")
    source = "".join(path.read_text("utf-8") for path in sources)
    decorated = re.findall(r"^@keras.saving.register.*\nclass (\w+)", source, re.M)
    assert sorted(decorated) == list(known)
