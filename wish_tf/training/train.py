from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from wish_tf.callbacks.collapse_warning import CollapseWarning
from wish_tf.callbacks.progress import Progress, ProgressCallback
from wish_tf.callbacks.training_checkpoint import TrainingCheckpoint
from wish_tf.data.csr_dataset import csr_dataset, epoch_batches
from wish_tf.distribution import has_workers, is_chief, naming_lost_workers
from wish_tf.distribution.copy_from_chief import arrays_from_chief, copy_from_chief
from wish_tf.errors import InputError
from wish_tf.models import Coder
from wish_tf.optimizers import LazyAdam
from wish_tf.training.recipe import FitSettings, Recipe
from wish_tf.training.stages import Stages, digest, variables_of
from wish_tf.training.strategy import TrainingData

VALIDATION_BATCH = 1000


@dataclass(frozen=True)
class FitOptions:
    """What a training is accompanied by; nothing here changes its result.

    Attributes:
        callbacks: of `keras.Model.fit`; a `CollapseWarning` is always there. A
            `ProgressCallback` is also told of the stages before `fit`.
        checkpoint: a folder where finished stages and the state of `fit` are kept,
            and from which training goes on if it is there; None: nowhere. Of several
            workers only the chief uses it.
        checkpoint_minutes: the least time between two saves of the state of `fit`,
            which fall on the ends of epochs.
        devices: the `tf.distribute.Strategy` that `fit` runs under, or None. What
            comes before `fit` is done on one device of the chief.
        verbose: of `keras.Model.fit`.
    """

    callbacks: Sequence[keras.callbacks.Callback] = ()
    checkpoint: str | Path | None = None
    checkpoint_minutes: float = 1.0
    devices: tf.distribute.Strategy | None = None
    verbose: int = 0

    def report(self, progress: Progress) -> None:
        """Tells those of the callbacks that want to know how far a stage is."""
        for callback in self.callbacks:
            if isinstance(callback, ProgressCallback):
                callback.on_progress(progress)


def train(
    data: TrainingData, recipe: Recipe, options: FitOptions | None = None
) -> Coder:
    """Trains a model by a recipe.

    Training that was killed and goes on from its checkpoint gives the model of one
    that was not, on the same machine.

    Args:
        data: what it is trained on.
        recipe: how.
        options: callbacks, checkpoints, devices.

    Returns:
        The model, of one device.

    Raises:
        InputError: when the checkpoint belongs to another training, there are
            embeddings that the strategy cannot use, or this is called in the scope
            of a `tf.distribute.Strategy`.
        ConnectionError: when a worker is lost.
    """
    options = options or FitOptions()
    if tf.distribute.has_strategy():
        raise InputError(
            "expected training to start outside of a strategy's scope, with the "
            "strategy as an argument; got a call inside of a scope"
        )
    devices, strategy = options.devices, recipe.strategy
    if data.embeddings is not None and not strategy.takes_embeddings:
        raise InputError(
            f"expected no embeddings, since the strategy {strategy.name} learns from "
            "words alone; got some"
        )
    chief = is_chief(devices)
    folder = options.checkpoint if chief else None
    stages = Stages(folder, _identity(data, recipe) if folder else None, options.report)
    with naming_lost_workers():
        prepared = strategy.prepare(data, stages) if chief else {}
        if has_workers(devices):
            prepared = arrays_from_chief(devices, prepared)
        build = partial(strategy.model, data, recipe.encoder(), prepared)
        weights = None
        if recipe.fit is not None:
            with nullcontext() if devices is None else devices.scope():
                fitted = build()
            _fit(fitted, data, recipe.fit, options, stages, keeps=folder is not None)
            weights = fitted.get_weights()
    # An ordinary model, made outside of the scope, without the optimizer's state.
    model = build()
    if weights is not None:
        model.set_weights(weights)
    return model


def _fit(
    model: keras.Model,
    data: TrainingData,
    fit: FitSettings,
    options: FitOptions,
    stages: Stages,
    keeps: bool,
) -> None:
    """Trains a model by `fit` of Keras, from where a checkpoint has it."""
    devices = options.devices
    steps = math.ceil(data.rows.shape[0] / fit.batch_size)
    callbacks: list[keras.callbacks.Callback] = [CollapseWarning(), *options.callbacks]
    with nullcontext() if devices is None else devices.scope():
        model.compile(LazyAdam(fit.learning_rate))
        model.optimizer.build(model.trainable_variables)
    stages.restore_fit(model)
    if has_workers(devices):
        copy_from_chief(devices, variables_of(model))
    done = int(model.optimizer.iterations.numpy()) // steps
    callbacks.append(_ReportSteps(stages, steps, done, fit.epochs))
    if keeps:
        callbacks.append(TrainingCheckpoint(stages, options.checkpoint_minutes))
    validation = data.validation_rows
    model.fit(
        epoch_batches(
            data.rows,
            fit.batch_size,
            seed=data.seed,
            epochs=range(done, fit.epochs),
        ),
        steps_per_epoch=steps,
        epochs=fit.epochs,
        initial_epoch=done,
        validation_data=None
        if validation is None
        else csr_dataset(validation, VALIDATION_BATCH),
        callbacks=callbacks,
        verbose=options.verbose,
        shuffle=False,
    )


def _identity(data: TrainingData, recipe: Recipe) -> Mapping[str, Any]:
    return {
        "recipe": recipe.to_json(),
        "bits": data.bits,
        "seed": data.seed,
        "rows": digest(data.rows),
        "validation_rows": digest(data.validation_rows),
        "embeddings": None
        if data.embeddings is None
        else hashlib.sha256(data.embeddings.tobytes()).hexdigest(),
    }


class _ReportSteps(keras.callbacks.Callback):
    """Makes a `Progress` of each step of `fit`."""

    def __init__(self, stages: Stages, steps: int, done: int, epochs: int):
        super().__init__()
        self._stages, self._steps = stages, steps
        self._of = steps * epochs
        self._done = steps * done

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None) -> None:
        self._done += 1
        if self._done % self._steps:
            self._stages.report("fit", self._done, self._of)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None) -> None:
        self._stages.report("fit", self._done, self._of, **(logs or {}))
