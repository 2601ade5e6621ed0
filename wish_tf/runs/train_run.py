from __future__ import annotations

import csv
import hashlib
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import shorten
from typing import Any

import keras
import tensorflow as tf

from wish_tf._version import __version__
from wish_tf.callbacks import (
    BestEpoch,
    BoardSample,
    Progress,
    ValidationMeasure,
    WishBoard,
)
from wish_tf.corpora import Corpus, Splits
from wish_tf.distribution import is_chief
from wish_tf.errors import InputError
from wish_tf.files import replacing, write_json
from wish_tf.metrics.yardstick import BY_LABELS
from wish_tf.naming import typical_texts
from wish_tf.recipes import Recipe
from wish_tf.runs.evaluate import evaluate, yardstick
from wish_tf.runs.kept_codes import kept_codes
from wish_tf.runs.run_folder import INTERRUPTED, RunFolder
from wish_tf.runs.train_config import TrainConfig
from wish_tf.text_hasher import TextHasher
from wish_tf.training import FitOptions, TrainingData

# Characters of a typical text.
EXCERPT = 100


def train_run(
    folder: RunFolder,
    config: TrainConfig,
    *,
    force: bool = False,
    resume: bool = False,
    options: FitOptions | None = None,
    tensorboard: bool = False,
) -> dict[str, Any] | None:
    """Trains a hasher and leaves everything about it in a folder.

    Args:
        folder: where; see `RunFolder`.
        config: what is asked for.
        force: replace a run that is there.
        resume: go on with an unfinished run that is there.
        options: what the training is accompanied by; the checkpoint is in the folder.
        tensorboard: whether `logs/` gets all that `WishBoard` shows, instead of the
            curves of Keras alone.

    Returns:
        What is in metrics.json: the results of `evaluate` on `validation` and
        `test`, `train_seconds` of this call, `sampled_from`: of how many documents
        those of the run are a sample, or None, the `epoch` that counts,
        `labels_used_for`: `"measuring"`, or also `"choosing the epoch"`, the
        `versions` of the packages and, of a run that keeps the codes of an older
        one, what `kept_codes` returns as `like`. None on a worker that is not the
        chief, which leaves the folder alone.

    Raises:
        InputError: when the corpus or the folder cannot be used.
        ConnectionError: when another worker is lost.
    """
    options = options or FitOptions()
    recipe = Recipe.from_json(config.recipe)
    fit = recipe.fit
    if fit is None and config.epoch_by is not None:
        raise InputError(
            f"expected a recipe with epochs to choose one by {config.epoch_by}; got "
            f"the strategy {recipe.strategy.name}"
        )
    hasher = TextHasher(
        config.bits, recipe=recipe, seed=config.seed, **asdict(config.terms)
    )
    # Everything that can be wrong with the corpus shows before the folder of
    # an earlier run is touched.
    splits = config.load_splits()
    like = None if config.like is None else RunFolder(config.like).hasher()
    data = hasher.fit_vocabulary(
        splits.train.texts,
        validation_texts=splits.validation.texts,
        like=like,
        counts=config.term_counts(
            splits, lambda done, of: options.report(Progress("words", done, of))
        ),
    )
    if not is_chief(options.devices):
        hasher.fit_model(data, options)
        return None
    choosing = _choosing(config, hasher, data, splits, folder)
    board = (
        _board(config, hasher, data, splits, folder)
        if tensorboard
        else keras.callbacks.TensorBoard(folder.logs_path, write_graph=False)
    )
    asked = {**config.to_json(), "texts_sha256": _digest(splits)}
    folder.start(asked, force=force, resume=resume)
    started = time.monotonic()
    try:
        hasher.fit_model(
            data,
            replace(
                options,
                checkpoint=folder.checkpoint_path,
                callbacks=[
                    *choosing,
                    History(folder.history_path),
                    board,
                    *options.callbacks,
                ],
            ),
        )
    except BaseException:
        folder.set_state(INTERRUPTED)
        raise
    if isinstance(board, WishBoard) and fit is None:
        board.show(hasher.topics(), hasher.buckets())
    seconds = time.monotonic() - started
    on_validation, on_test = evaluate(
        hasher, splits.train, splits.validation, splits.test
    )
    metrics = {
        "train_seconds": seconds,
        "sampled_from": splits.sampled_from,
        "epoch": choosing[-1].epoch if choosing else fit and fit.epochs,
        "epoch_by": config.epoch_by,
        "labels_used_for": ["measuring"]
        + ["choosing the epoch"] * (config.epoch_by in BY_LABELS),
        "versions": {
            "wish_tf": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
        "validation": on_validation,
        "test": on_test,
    }
    if like is not None:
        metrics["like"] = kept_codes(like, hasher, splits.train, splits.test)
    hasher.save(folder.model_path)
    typical = _typical_texts(hasher, recipe, data, splits.train)
    write_json(folder.typical_path, {"topics": typical})
    write_json(folder.metrics_path, metrics)
    folder.finish()
    return metrics


def _typical_texts(
    hasher: TextHasher, recipe: Recipe, data: TrainingData, train: Corpus
) -> list[list[dict[str, str]]]:
    data = recipe.strategy.drawn(data)
    codes = hasher.model_.coder.encode(data.rows)
    found = typical_texts(data.rows, codes, hasher.topics(), hasher.vocabulary)
    assert data.places is not None
    return [
        [
            {
                "id": train.ids[place],
                "text": shorten(train.texts[place], EXCERPT, placeholder=" …"),
            }
            for place in data.places[rows].tolist()
        ]
        for rows in found
    ]


def _digest(splits: Splits) -> str:
    """Returns what tells texts and their labels from others: a SHA-256 sum."""
    parts = [splits.train, splits.validation, splits.test]
    content = json.dumps([[part.texts, part.labels] for part in parts])
    return hashlib.sha256(content.encode()).hexdigest()


class History(keras.callbacks.CSVLogger):
    """The logs of each epoch in a CSV file, which a resumed training goes on with.

    Lines of epochs that are trained again, and a last line that a kill has torn, are
    dropped first.

    Args:
        path: the file.
    """

    def __init__(self, path: Path):
        super().__init__(path, append=True)
        self._path = path

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Before the first line is written; from then on the file is up to date.
        if self.writer is None and self._path.exists():
            self._keep_before(epoch)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the file later, once it is known with which epoch training goes on."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.writer is None:
            super().on_train_begin()
        super().on_epoch_end(epoch, logs)

    def _keep_before(self, epoch: int) -> None:
        with self._path.open(newline="") as file:
            [header, *rows] = list(csv.reader(file)) or [[]]
        kept = [row for row in rows if len(row) == len(header) and int(row[0]) < epoch]
        with replacing(self._path) as temporary, temporary.open("w", newline="") as out:
            if kept:
                csv.writer(out).writerows([header, *kept])


def _choosing(
    config: TrainConfig,
    hasher: TextHasher,
    data: TrainingData,
    splits: Splits,
    folder: RunFolder,
) -> list[keras.callbacks.Callback]:
    """Returns the callbacks that choose the epoch; the last is the `BestEpoch`."""
    if config.epoch_by in (None, "last"):
        return []
    if config.epoch_by == "objective":
        return [BestEpoch(path=folder.best_path)]
    by = yardstick(hasher, splits.train, splits.validation)
    return [
        ValidationMeasure(by, config.epoch_by),
        BestEpoch(f"val_{config.epoch_by}", folder.best_path),
    ]


def _board(
    config: TrainConfig,
    hasher: TextHasher,
    data: TrainingData,
    splits: Splits,
    folder: RunFolder,
) -> WishBoard:
    sample = BoardSample(
        hasher.rows(splits.train.texts),
        data.validation_rows,
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
