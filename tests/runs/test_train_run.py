import csv
import json
from dataclasses import replace

import pytest
import tensorflow as tf

from wish_tf import InputError
from wish_tf.callbacks import TrainingCheckpoint
from wish_tf.runs import RunFolder, TrainConfig, train_run


def config(docs_file) -> TrainConfig:
    return TrainConfig(
        corpus=str(docs_file),
        bits=4,
        preset="paper",
        epochs=4,
        batch_size=100,
        topic_dim=16,
        limit=300,
    )


class KillAt(TrainingCheckpoint):
    """Dies at the start of an epoch, having saved the state after another."""

    def __init__(self, path, epoch: int, saved_after: int):
        super().__init__(path)
        self.epoch, self.saved_after = epoch, saved_after

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise RuntimeError("killed")

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.saved_after:
            self.save()


def test_a_run_that_died_after_its_checkpoint_is_continued(docs_file, tmp_path):
    folder = RunFolder(tmp_path / "run")
    killer = KillAt(folder.checkpoint_path, epoch=3, saved_after=1)
    with pytest.raises(RuntimeError, match="killed"):
        train_run(folder, config(docs_file), callbacks=[killer])
    assert folder.config()["state"] == "interrupted"
    assert folder.checkpoint_path.exists() and not folder.model_path.exists()

    metrics = train_run(folder, config(docs_file), resume=True)
    assert metrics["train_seconds"] > 0 and {"validation", "test"} < set(metrics)
    recipe = metrics["recipe"]
    assert (recipe["epochs"], recipe["topic_dim"], recipe["dropout"]) == (4, 16, 0.2)
    assert metrics["versions"]["tensorflow"] == tf.__version__
    assert folder.metrics() == json.loads(json.dumps(metrics))
    assert folder.config()["state"] == "finished"
    assert folder.model_path.exists() and not folder.checkpoint_path.exists()
    with folder.history_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    # Epoch 2 was trained twice, and is there once.
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("epoch_by", "column"),
    [
        ("objective", "val_objective"),
        ("labels", "val_precision_at_100"),
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
    labels = ["choosing the epoch"] if epoch_by == "labels" else []
    assert metrics["labels_used_for"] == ["measuring", *labels]
    if epoch_by == "labels":
        assert metrics["validation"]["precision_at_100"] == pytest.approx(
            float(rows[expected - 1][column])
        )
    assert not folder.best_path.exists()


def test_no_labels_to_choose_by(docs_file, tmp_path):
    asked = replace(config(docs_file), epoch_by="labels")
    without = tmp_path / "texts.jsonl"
    with docs_file.open() as file, without.open("w") as out:
        for line in file:
            out.write(json.dumps({"text": json.loads(line)["text"]}) + "\n")
    with pytest.raises(InputError, match="choose the epoch by; the corpus has no l"):
        train_run(RunFolder(tmp_path / "run"), replace(asked, corpus=str(without)))
    with pytest.raises(InputError, match="at least 100 training .* there are 80 texts"):
        train_run(RunFolder(tmp_path / "run"), replace(asked, limit=100))
    assert not (tmp_path / "run").exists()
