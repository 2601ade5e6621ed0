from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from wish_tf._version import __version__
from wish_tf.callbacks import BestEpoch, BoardSample, ValidationPrecision, WishBoard
from wish_tf.corpora import Splits
from wish_tf.distribution import is_chief
from wish_tf.errors import InputError
from wish_tf.files import replacing, write_json
from wish_tf.runs.evaluate import K, evaluate
from wish_tf.runs.run_folder import FINISHED, INTERRUPTED, RunFolder
from wish_tf.runs.train_config import TrainConfig
from wish_tf.text_hasher import TextHasher
from wish_tf.types import Csr


def train_run(
    folder: RunFolder,
    config: TrainConfig,
    *,
    force: bool = False,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint_minutes: float = 5.0,
    strategy: tf.distribute.Strategy | None = None,
    on_topics: Callable[[int], None] | None = None,
    tensorboard: bool = False,
) -> dict[str, Any] | None:
    """Trains a hasher and leaves everything about it in a folder.

    Args:
        folder: where; see `RunFolder`.
        config: what is asked for.
        force: replace a run that is there.
        resume: go on with an unfinished run that is there.
        callbacks: Keras callbacks besides the history and TensorBoard.
        checkpoint_minutes: as `TextHasher.fit` takes it.
        strategy: likewise.
        on_topics: likewise.
        tensorboard: whether `logs/` gets all that `WishBoard` shows, instead of the
            curves of Keras alone.

    Returns:
        What is in metrics.json: the results of `evaluate` on `validation` and
        `test`, `train_seconds` of this call, the `epoch` that counts,
        `labels_used_for`: `"measuring"`, or also `"choosing the epoch"`, the
        settings of the `recipe`, and the `versions` of the packages. None on a
        worker that is not the chief, which leaves the folder alone.

    Raises:
        InputError: when the corpus or the folder cannot be used.
        ConnectionError: when another worker is lost.
    """
    hasher = TextHasher(config.bits, recipe=config.recipe(), seed=config.seed)
    # Everything that can be wrong with the corpus shows before the folder of
    # an earlier run is touched.
    splits = config.load_splits()
    rows = hasher.fit_vocabulary(splits.train.texts)
    if not is_chief(strategy):
        hasher.fit_model(
            rows, validation_texts=splits.validation.texts, strategy=strategy
        )
        return None
    choosing = _choosing(config, hasher, rows, splits, folder)
    board = (
        _board(config, hasher, splits, folder)
        if tensorboard
        else keras.callbacks.TensorBoard(folder.logs_path, write_graph=False)
    )
    folder.start(config.to_json(), force=force, resume=resume)
    started = time.monotonic()
    try:
        hasher.fit_model(
            rows,
            validation_texts=splits.validation.texts,
            checkpoint=folder.checkpoint_path,
            checkpoint_minutes=checkpoint_minutes,
            strategy=strategy,
            callbacks=[
                *choosing,
                keras.callbacks.CSVLogger(folder.history_path, append=resume),
                board,
                *callbacks,
            ],
            on_topics=on_topics,
        )
    except BaseException:
        folder.set_state(INTERRUPTED)
        raise
    if resume:
        _keep_last_of_each_epoch(folder.history_path)
    metrics = {
        "train_seconds": time.monotonic() - started,
        "epoch": choosing[-1].epoch if choosing else config.epochs,
        "epoch_by": config.epoch_by,
        "labels_used_for": ["measuring"]
        + ["choosing the epoch"] * (config.epoch_by == "labels"),
        "recipe": asdict(hasher.recipe),
        "versions": {
            "wish_tf": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
        "validation": evaluate(hasher, splits.train, splits.validation),
        "test": evaluate(hasher, splits.train, splits.test),
    }
    hasher.save(folder.model_path)
    write_json(folder.metrics_path, metrics)
    folder.set_state(FINISHED)
    folder.checkpoint_path.unlink(missing_ok=True)
    folder.best_path.unlink(missing_ok=True)
    return metrics


def _choosing(
    config: TrainConfig,
    hasher: TextHasher,
    rows: Csr,
    splits: Splits,
    folder: RunFolder,
) -> list[keras.callbacks.Callback]:
    """Returns the callbacks that choose the epoch; the last is the `BestEpoch`."""
    if config.epoch_by == "last":
        return []
    if config.epoch_by == "objective":
        return [BestEpoch(path=folder.best_path)]
    if splits.train.labels is None or rows.shape[0] < K:
        raise InputError(
            f"expected labels on at least {K} training texts to choose the epoch by; "
            + (
                "the corpus has no labels"
                if splits.train.labels is None
                else f"there are {rows.shape[0]} texts"
            )
        )
    return [
        ValidationPrecision(
            hasher.rows(splits.train.texts),
            splits.train.labels,
            hasher.rows(splits.validation.texts),
            splits.validation.labels,
        ),
        BestEpoch("val_precision_at_100", folder.best_path),
    ]


def _board(
    config: TrainConfig, hasher: TextHasher, splits: Splits, folder: RunFolder
) -> WishBoard:
    sample = BoardSample(
        hasher.rows(splits.train.texts),
        hasher.rows(splits.validation.texts),
        labels=splits.train.labels,
        validation_labels=splits.validation.labels,
        texts=splits.validation.texts,
    )
    return WishBoard(
        folder.logs_path,
        sample=sample,
        vocabulary=hasher.vocabulary,
        hparams=config.to_json(),
    )


def _keep_last_of_each_epoch(history: Path) -> None:
    """Drops the lines of epochs that were trained again after a kill."""
    with history.open(newline="") as file:
        reader = csv.DictReader(file)
        last = {row["epoch"]: row for row in reader}
    with replacing(history) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(last.values())
