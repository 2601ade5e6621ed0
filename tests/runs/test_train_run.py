import csv

import pytest

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
    assert set(metrics) == {"train_seconds", "validation", "test"}
    assert folder.config()["state"] == "finished"
    assert folder.model_path.exists() and not folder.checkpoint_path.exists()
    with folder.history_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    # Epoch 2 was trained twice, and is there once.
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
