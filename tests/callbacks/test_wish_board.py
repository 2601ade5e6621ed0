import csv

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams.metadata import SESSION_START_INFO_TAG
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.plugins.projector import ProjectorConfig

from tests.callbacks.events import events, scalars
from tests.training.planted import planted_rows
from wish_tf.callbacks import BoardSample, ValidationMeasure, WishBoard
from wish_tf.data import csr_dataset
from wish_tf.metrics import code_statistics, precision_at_k
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.models import WISH
from wish_tf.models.wish import bernoulli_kl
from wish_tf.optimizers import LazyAdam

BITS, EPOCHS = 4, 3
ROWS, GROUPS = planted_rows(400)
LABELS = [f"group {group}" for group in GROUPS]
TRAIN, VALIDATION = slice(100, None), slice(0, 100)
VOCABULARY = [f"word_{i}|<b>" for i in range(ROWS.shape[1])]
# Numbers go through float32.
CLOSE = {"rel": 1e-5, "abs": 1e-6}


def sample(labels: bool = True) -> BoardSample:
    return BoardSample(
        ROWS[TRAIN],
        ROWS[VALIDATION],
        labels=LABELS[TRAIN] if labels else None,
        validation_labels=LABELS[VALIDATION] if labels else None,
        texts=[f"text\t{i}\nof a document" for i in range(100)],
    )


def model(**settings) -> WISH:
    keras.utils.set_random_seed(0)
    settings = {"topic_dim": 8, "hidden_units": (16, 8), "kl_step": 0.01, **settings}
    made = WISH(BITS, ROWS.shape[1], **settings)
    made.compile(LazyAdam(0.01))
    return made


def fit_planted(made: WISH, *callbacks, epochs: int = EPOCHS, **kwargs) -> dict:
    return made.fit(
        csr_dataset(ROWS[TRAIN], 50, shuffle=True, seed=1),
        validation_data=csr_dataset(ROWS[VALIDATION], 50),
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
        **kwargs,
    ).history


class Seen(keras.callbacks.Callback):
    """Works out, by other means, what the board should show of each epoch."""

    def __init__(self):
        super().__init__()
        self.epochs: list[dict] = []

    def on_epoch_end(self, epoch, logs=None):
        wish = self.model
        codes, known = wish.encode(ROWS[VALIDATION]), wish.encode(ROWS[TRAIN])
        p = wish.predict(ROWS[VALIDATION].toarray(), verbose=0)
        topics = wish.get_layer("decoder").topics.numpy()
        self.epochs.append(
            {
                "distinct_codes": len(np.unique(codes, axis=0)),
                "dead_bits": int(np.sum(codes.min(axis=0) == codes.max(axis=0))),
                "bit_entropy": code_statistics(codes).bit_entropy.mean(),
                "kl": float(tf.reduce_mean(bernoulli_kl(p, 0.0))),
                "mean_p": p.mean(axis=0),
                "gram": topics @ topics.T,
                "words": wish.topics(10)[0],
                "kl_weight": min(1.0, 0.01 * int(wish.optimizer.iterations)),
                "precision": precision_at_k(
                    codes, LABELS[VALIDATION], known, LABELS[TRAIN], 100
                ),
                "overlap": overlap(codes, known, 100),
            }
        )


def overlap(codes: np.ndarray, known: np.ndarray, k: int) -> float:
    """Share of the k nearest by code that are among the k nearest by tf-idf, over
    all orders of what is equally near by code."""
    similar = (ROWS[VALIDATION] @ ROWS[TRAIN].T).toarray()
    shares = []
    for query in range(len(codes)):
        near = set(np.argsort(-similar[query])[:k]) & set(
            np.flatnonzero(similar[query])
        )
        distance = np.sum(codes[query] != known, axis=1)
        edge = np.sort(distance)[k - 1]
        inner, tied = np.flatnonzero(distance < edge), np.flatnonzero(distance == edge)
        found = len(near & set(inner))
        found += len(near & set(tied)) * (k - len(inner)) / len(tied)
        shares.append(found / k)
    return float(np.mean(shares))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a board, its model, the history, and what should be seen."""
    folder = tmp_path_factory.mktemp("board")
    made, seen = model(), Seen()
    board = WishBoard(
        folder, sample=sample(), vocabulary=VOCABULARY, hparams={"corpus": "planted"}
    )
    return folder, made, fit_planted(made, board, seen), seen.epochs


def test_every_log_is_there_once_an_epoch(trained):
    folder, _, history, _ = trained
    for name, tag in [
        ("loss", "loss/total"),
        ("reconstruction", "loss/reconstruction"),
        ("kl", "loss/kl"),
        ("orthogonality", "loss/orthogonality"),
        ("objective", "loss/objective"),
        ("bit_entropy", "codes/bit_entropy"),
        ("distinct_codes", "codes/distinct_codes"),
        ("dead_bits", "codes/dead_bits"),
    ]:
        for run, key in [("train", name), ("validation", f"val_{name}")]:
            assert scalars(folder / run, tag) == pytest.approx(history[key], **CLOSE)
    assert scalars(folder / "train", "training/learning_rate") == pytest.approx(
        [0.01] * EPOCHS
    )


def test_values_are_those_found_by_other_means(trained):
    folder, _, _, seen = trained
    for tag, name in [
        ("codes/distinct_codes", "distinct_codes"),
        ("codes/dead_bits", "dead_bits"),
        ("codes/bit_entropy", "bit_entropy"),
        ("loss/kl", "kl"),
        ("retrieval/precision_at_100", "precision"),
        ("retrieval/neighbour_overlap_at_100", "overlap"),
    ]:
        expected = [epoch[name] for epoch in seen]
        found = scalars(folder / "validation", tag)
        assert found == pytest.approx(expected, rel=1e-4), tag
    assert 0 < min(scalars(folder / "validation", "retrieval/precision_at_100"))
    assert scalars(folder / "train", "training/kl_weight") == pytest.approx(
        [epoch["kl_weight"] for epoch in seen]
    )


def test_no_other_tags(trained):
    folder, _, _, _ = trained
    assert set(events(folder)) == {
        SESSION_START_INFO_TAG,
        "topics/gram",
        "topics/largest_gram",
        "topics/words",
    }
    both = {
        f"loss/{x}" for x in "total reconstruction kl orthogonality objective".split()
    }
    both |= {f"codes/{x}" for x in ("bit_entropy", "distinct_codes", "dead_bits")}
    training = {f"training/{x}" for x in ("kl_weight", "learning_rate")}
    assert set(events(folder / "train")) == both | training
    assert set(events(folder / "validation")) == both | {
        "codes/mean_p",
        "retrieval/precision_at_100",
        "retrieval/neighbour_overlap_at_100",
    }
    assert not (folder / "annealing").exists()


def test_histogram_of_the_mean_probability_of_each_bit(trained):
    folder, _, _, seen = trained
    found = events(folder / "validation")["codes/mean_p"]
    assert [step for step, _ in found] == list(range(EPOCHS))
    for (_, buckets), epoch in zip(found, seen, strict=True):
        p = epoch["mean_p"]
        assert buckets[:, 2].sum() == BITS
        assert (buckets[0, 0], buckets[-1, 1]) == pytest.approx(
            (p.min(), p.max()), 1e-4
        )


def test_the_picture_is_the_gram_matrix(trained):
    folder, _, _, seen = trained
    found = events(folder)["topics/gram"]
    assert [step for step, _ in found] == list(range(EPOCHS))
    for (_, image), epoch in zip(found, seen, strict=True):
        pixels = tf.io.decode_png(image[2]).numpy().astype(float)
        size = len(pixels) // BITS
        cells = pixels[size // 2 :: size, size // 2 :: size]
        red, blue = (255 - cells[..., 0]) / 229, (255 - cells[..., 2]) / 255
        # Towards orange blue is lost altogether, towards blue most of the red.
        negative = cells[..., 2] > cells[..., 0]
        gram = np.where(negative, -red, blue)
        np.testing.assert_allclose(gram, np.clip(epoch["gram"], -1, 1), atol=1 / 200)
    largest = [np.abs(e["gram"] - np.diag(np.diag(e["gram"]))).max() for e in seen]
    assert scalars(folder, "topics/largest_gram") == pytest.approx(largest, abs=1e-6)


def test_the_words_of_each_bit(trained):
    folder, _, _, seen = trained
    (_, text), *_ = events(folder)["topics/words"]
    lines = text.item().decode().splitlines()
    assert lines[:2] == ["| bit | words |", "| --- | --- |"]
    for bit, line in enumerate(lines[2:]):
        words = [f"word&#95;{i}&#124;&#60;b&#62;" for i in seen[0]["words"][bit]]
        assert line == f"| {bit} | {' '.join(words)} |"
    assert len(lines) == 2 + BITS


def test_settings(trained):
    folder, _, _, _ = trained
    (value,) = (
        value
        for file in folder.glob("events*")
        for event in EventFileLoader(str(file)).Load()
        for value in event.summary.value
        if value.tag == SESSION_START_INFO_TAG
    )
    data = HParamsPluginData.FromString(value.metadata.plugin_data.content)
    found = data.session_start_info.hparams
    assert found["corpus"].string_value == "planted"
    assert found["optimizer"].string_value == "LazyAdam"
    assert found["bits"].number_value == BITS
    assert found["centred"].bool_value is True
    assert found["hidden_units"].string_value == "[16, 8]"


def test_projector(trained):
    folder, made, _, _ = trained
    config = ProjectorConfig()
    text_format.Parse((folder / "projector_config.pbtxt").read_text(), config)
    codes, topics = config.embeddings
    reader = tf.train.load_checkpoint(str(folder))
    p = made.predict(ROWS[VALIDATION].toarray(), verbose=0)
    np.testing.assert_allclose(reader.get_tensor(codes.tensor_name), p, atol=1e-5)
    np.testing.assert_array_equal(
        reader.get_tensor(topics.tensor_name), made.get_layer("decoder").topics.numpy()
    )
    header, *rows = _table(folder / codes.metadata_path)
    assert header == ["code", "label", "text"] and len(rows) == 100
    for i, row in enumerate(rows):
        code = "".join("01"[bit] for bit in (p[i] > 0.5).astype(int))
        assert row == [code, LABELS[i], f"text {i} of a document"]
    header, *rows = _table(folder / topics.metadata_path)
    assert header == ["bit", "words"] and len(rows) == BITS
    words = [VOCABULARY[i] for i in made.topics(10)[0][2]]
    assert rows[2] == ["2", " ".join(words)]


def _table(path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE))


def test_training_is_the_same_with_and_without(trained):
    _, made, history, _ = trained
    without = model()
    plain = fit_planted(without)
    for ours, theirs in zip(made.variables, without.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), ours.path)
    for name, values in plain.items():
        assert history[name] == values, name


def test_without_documents_labels_or_words(tmp_path):
    fit_planted(model(), WishBoard(tmp_path / "no_sample"), epochs=1)
    fit_planted(
        model(), WishBoard(tmp_path / "no_labels", sample=sample(False)), epochs=1
    )
    validation = events(tmp_path / "no_sample" / "validation")
    assert "loss/total" in validation and "codes/mean_p" not in validation
    retrieval = {
        t for t in events(tmp_path / "no_labels" / "validation") if "retr" in t
    }
    assert retrieval == {"retrieval/neighbour_overlap_at_100"}
    (_, text), *_ = events(tmp_path / "no_sample")["topics/words"]
    assert text.item().decode().splitlines()[2].split(" | ")[1].split()[0].isdigit()


def test_precision_on_all_documents_is_preferred(tmp_path):
    labels = [label * 2 for label in LABELS]
    every = ValidationMeasure(
        Yardstick(ROWS[150:], ROWS[VALIDATION], labels[150:], labels[VALIDATION])
    )
    history = fit_planted(
        model(), every, WishBoard(tmp_path, sample=sample()), epochs=1
    )
    found = scalars(tmp_path / "validation", "retrieval/precision_at_100")
    assert found == pytest.approx(history["val_precision_at_100"])


def test_other_callbacks_may_add_to_the_logs(tmp_path):
    class Adding(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = logs["val_mine"] = 7.0

    fit_planted(model(), Adding(), WishBoard(tmp_path), epochs=1)
    for run in ("train", "validation"):
        assert scalars(tmp_path / run, "other/mine") == [7.0]


def test_what_is_no_wish_is_refused(tmp_path):
    other = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ValueError, match="expected a WISH.*; got a Sequential"):
        other.fit(np.ones((2, 1)), np.ones(2), callbacks=[WishBoard(tmp_path)])
