from __future__ import annotations

import time
from typing import Any, Protocol

import keras


class KeepsFit(Protocol):
    """Where the state of `fit` is kept, such as `wish_tf.training.stages.Stages`."""

    def save_fit(self, model: keras.Model) -> None: ...


class TrainingCheckpoint(keras.callbacks.Callback):
    """Keeps the state of `fit` every few minutes, at the ends of epochs.

    Args:
        stages: where.
        minutes: the least time between two saves.
    """

    def __init__(self, stages: KeepsFit, minutes: float):
        super().__init__()
        self._stages = stages
        self._minutes = minutes

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._saved_at = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if time.monotonic() - self._saved_at >= 60 * self._minutes:
            self._stages.save_fit(self.model)
            self._saved_at = time.monotonic()
