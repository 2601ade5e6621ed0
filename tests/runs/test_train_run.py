import csv
import json
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_recipes import NESTED, quick
from wish_tf import InputError, TextHasher
from wish_tf.callbacks import ProgressCallback
from wish_tf.corpora import Corpus, Splits
from wish_tf.runs import RunFolder, TrainConfig, train_run
from wish_tf.training import FitOptions


def config(docs_file) -> TrainConfig:
    return TrainConfig(
        corpus=str(docs_file),
        bits=4,
        recipe=quick((64,), epochs=4).to_json(),
        limit=300,
    )


class DieIn(keras.callbacks.Callback):
    """Dies at the start of an epoch."""

    def __init__(self, epoch: int):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise RuntimeError("killed")


def die(folder, asked, epoch=3):
    with pytest.raises(RuntimeError, match="killed"):
        train_run(
            folder, asked, options=FitOptions([DieIn(epoch)], checkpoint_minutes=0)
        )


def epochs(folder) -> list[str]:
    with folder.history_path.open(newline="") as file:
        return [row["epoch"] for row in csv.DictReader(file)]


def test_a_run_that_died_is_continued(docs_file, tmp_path):
    folder = RunFolder(tmp_path / "run")
    die(folder, config(docs_file))
    assert folder.config()["state"] == "interrupted"
    assert folder.checkpoint_path.exists() and not folder.model_path.exists()
    # A kill while a line was written: it is torn.
    with folder.history_path.open("a") as file:
        file.write("3,0.51")
    metrics = train_run(folder, config(docs_file), resume=True)
    assert metrics["train_seconds"] > 0 and {"validation", "test"} < set(metrics)
    assert metrics["versions"]["tensorflow"] == tf.__version__
    assert folder.metrics() == json.loads(json.dumps(metrics))
    assert folder.config()["state"] == "finished"
    assert folder.config()["recipe"]["strategy"]["topic_dim"] == 16
    assert folder.model_path.exists() and not folder.checkpoint_path.exists()
    assert epochs(folder) == ["0", "1", "2", "3"]
    with pytest.raises(InputError, match="an unfinished run in .*; got a finished one"):
        train_run(folder, config(docs_file), resume=True)


def test_other_texts_or_settings_are_noticed(docs_file, tmp_path):
    folder = RunFolder(tmp_path / "run")
    corpus = tmp_path / "docs.jsonl"
    lines = docs_file.read_text("utf-8").splitlines(keepends=True)[:300]
    corpus.write_text("".join(lines), "utf-8")
    die(folder, config(corpus), epoch=0)
    shutil.rmtree(folder.checkpoint_path)
    with pytest.raises(InputError, match="was started with, seed 0; got 1"):
        train_run(folder, replace(config(corpus), seed=1), resume=True)
    corpus.write_text("".join([*lines[:-1], lines[0]]), "utf-8")
    with pytest.raises(InputError, match="was started with, texts_sha256"):
        train_run(folder, config(corpus), resume=True)


def test_a_run_like_an_older_one(docs_file, tmp_path):
    first = TrainConfig(str(docs_file), 10, NESTED.to_json(), limit=200)
    old, new = RunFolder(tmp_path / "old"), RunFolder(tmp_path / "new")
    metrics = train_run(old, first)
    assert metrics["epoch"] is None and not old.history_path.exists()
    asked = replace(first, bits=8, seed=1, limit=300, like=str(old.path))
    kept = train_run(new, asked)["like"]
    assert 200 < kept["documents"] <= 240 and 0 <= kept["mean_distance"] <= 2
    codes = [each.hasher().transform(old_texts(old)) for each in (old, new)]
    assert (codes[0][:, :8] == codes[1]).all(axis=1).mean() > 0.5
    assert new.hasher().names_ == old.hasher().names_


def test_without_epochs_none_is_chosen(docs_file, tmp_path):
    asked = replace(config(docs_file), recipe=NESTED.to_json(), epoch_by="objective")
    with pytest.raises(InputError, match="a recipe with epochs to choose one by obj"):
        train_run(RunFolder(tmp_path / "run"), asked)
    assert not (tmp_path / "run").exists()


def old_texts(run) -> list[str]:
    return TrainConfig.from_json(run.config()).load_splits().train.texts


@pytest.mark.parametrize(
    ("epoch_by", "column"),
    [
        ("objective", "val_objective"),
        ("precision_at_100", "val_precision_at_100"),
        ("neighbour_recall_at_100", "val_neighbour_recall_at_100"),
        ("last", None),
    ],
)
def test_the_epoch_that_counts_and_what_chose_it_are_said(
    docs_file, tmp_path, epoch_by, column
):
    folder = RunFolder(tmp_path / "run")
    metrics = train_run(folder, replace(config(docs_file), epoch_by=epoch_by))
    with folder.history_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected = 4
    if column:
        expected = 1 + max(range(4), key=lambda i: float(rows[i][column]))
    assert (metrics["epoch"], metrics["epoch_by"]) == (expected, epoch_by)
    labels = ["choosing the epoch"] if epoch_by == "precision_at_100" else []
    assert metrics["labels_used_for"] == ["measuring", *labels]
    if epoch_by in metrics["validation"]:
        assert metrics["validation"][epoch_by] == pytest.approx(
            float(rows[expected - 1][column])
        )
    assert not folder.best_path.exists()


def test_no_labels_to_choose_by(docs_file, tmp_path):
    asked = replace(config(docs_file), epoch_by="precision_at_100")
    without = tmp_path / "texts.jsonl"
    with docs_file.open() as file, without.open("w") as out:
        for line in file:
            out.write(json.dumps({"text": json.loads(line)["text"]}) + "\n")
    with pytest.raises(InputError, match="expected labels to measure .* got none$"):
        train_run(RunFolder(tmp_path / "run"), replace(asked, corpus=str(without)))
    with pytest.raises(InputError, match="at least 100 training texts .* got 80$"):
        train_run(RunFolder(tmp_path / "run"), replace(asked, limit=100))
    assert not (tmp_path / "run").exists()


def test_of_very_many_documents_words_are_counted_in_all_and_the_rest_is_a_sample(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("wish_tf.runs.train_config.MOST_IN_MEMORY", 100)
    path = tmp_path / "docs.jsonl"
    texts = [f"{'cat dog' if i % 2 else 'oil gas'} word{i % 7}" for i in range(2500)]
    texts[7] = None
    path.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    asked = TrainConfig(corpus=str(path), bits=4, recipe=NESTED.to_json())
    seen = []
    show = ProgressCallback(lambda each: seen.append((each.stage, each.step, each.of)))
    metrics = train_run(RunFolder(tmp_path / "run"), asked, options=FitOptions([show]))
    assert metrics["sampled_from"] == 2499
    assert ("words", 2499, 2499) in seen
    splits = asked.load_splits()
    parts = [splits.train, splits.validation, splits.test]
    assert [len(part) for part in parts] == [80, 10, 10]
    ids = [int(id_) for part in parts for id_ in part.ids]
    assert len(set(ids)) == 100 and max(ids) > 1000
    hasher = RunFolder(tmp_path / "run").hasher()
    whole = TextHasher(4)
    whole.fit_vocabulary([text for text in texts if text is not None])
    assert hasher.vocabulary == whole.vocabulary
    np.testing.assert_array_equal(
        hasher.vectorization_.idf_weights, whole.vectorization_.idf_weights
    )


def test_very_many_documents_by_standard_input_cannot_be_counted(monkeypatch):
    splits = Splits(*[Corpus("-", ["a"], None, ["1"])] * 3, sampled_from=2_000_000)
    asked = TrainConfig(corpus="-", bits=4, recipe=NESTED.to_json())
    with pytest.raises(InputError, match="expected files, .*got 2,000,000 by standard"):
        asked.term_counts(splits, lambda done, of: None)
