from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from wish_tf.files import replacing


class BestEpoch(keras.callbacks.Callback):
    """Ends `fit` with the weights of its best epoch.

    Args:
        monitor: what to go by, larger being better. `"val_objective"`, what
            training aims at, on the validation texts, needs no labels;
            `"val_precision_at_100"` of a `ValidationPrecision` that stands
            before this callback does.
        path: a file ending in `.npz` where the best weights are kept too, so that
            a training that is resumed knows them; or None.

    Attributes:
        epoch: number of the best epoch, from 1; 0 before there is one.
    """

    def __init__(self, monitor: str = "val_objective", path: str | Path | None = None):
        super().__init__()
        self.monitor = monitor
        self.path = None if path is None else Path(path)
        self.epoch = 0
        self._value = -np.inf
        self._weights: list[np.ndarray] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.path is None or not self.path.exists():
            return
        with np.load(self.path) as kept:
            self.epoch, self._value = int(kept["epoch"]), float(kept["value"])
            self._weights = [kept[f"arr_{i}"] for i in range(len(kept.files) - 2)]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps the weights if they are the best.

        Raises:
            ValueError: when what to go by is not measured.
        """
        logs = logs or {}
        if self.monitor not in logs:
            raise ValueError(
                f"`monitor` should be one of {sorted(logs)}. "
                f"Received: monitor={self.monitor!r}"
            )
        value = float(logs[self.monitor])
        if not value > self._value:
            return
        self.epoch, self._value = epoch + 1, value
        self._weights = self.model.get_weights()
        if self.path is not None:
            with replacing(self.path) as temporary:
                np.savez(temporary, *self._weights, epoch=self.epoch, value=value)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._weights:
            self.model.set_weights(self._weights)
