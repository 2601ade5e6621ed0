from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras

from wish_tf.files import replacing


class TrainingCheckpoint(keras.callbacks.Callback):
    """Saves the model with its optimizer's state every few minutes.

    The file is a `.keras` model, replaced as a whole, from which training can
    go on: `keras.models.load_model(path)`, then `fit(..., initial_epoch=...)`.

    Args:
        path: where to save, ending in `.keras`.
        minutes: the least time between two saves; they fall on epoch ends.
    """

    def __init__(self, path: str | Path, minutes: float = 5.0):
        super().__init__()
        self.path = Path(path)
        self.minutes = minutes

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._saved_at = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if time.monotonic() - self._saved_at >= 60 * self.minutes:
            self.save()

    def save(self) -> None:
        """Saves now."""
        with replacing(self.path) as temporary:
            self.model.save(temporary)
        self._saved_at = time.monotonic()
