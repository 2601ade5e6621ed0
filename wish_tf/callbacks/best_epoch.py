from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from wish_tf.errors import InputError
from wish_tf.files import replacing

# Of a WISH's objective.
TERMS = ("val_reconstruction", "val_kl")


class BestEpoch(keras.callbacks.Callback):
    """Ends `fit` with the weights of its best epoch.

    Args:
        monitor: what to go by, larger being better. `"val_objective"`, what
            training aims at, on the validation texts, needs no labels. A `WISH` weighs
            its KL term more from epoch to epoch, so of its epochs the better one is
            that with the larger objective at the current weight.
            `"val_precision_at_100"`, of a `ValidationMeasure` that stands
            before this callback, goes by labels.
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
        self._logs: dict[str, float] = {}
        self._weights: list[np.ndarray] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.path is None or not self.path.exists():
            return
        with np.load(self.path) as kept:
            self.epoch, self._logs = int(kept["epoch"]), json.loads(str(kept["logs"]))
            self._weights = [kept[f"arr_{i}"] for i in range(len(kept.files) - 2)]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps the weights if they are the best.

        Raises:
            InputError: when what to go by is not measured.
        """
        logs = logs or {}
        if self.monitor not in logs:
            raise InputError(
                f"expected monitor to be one of {sorted(logs)}; got {self.monitor!r}"
            )
        names = {self.monitor, *TERMS} & set(logs)
        found = {name: float(logs[name]) for name in names}
        best = self._value(self._logs) if self._logs else -np.inf
        if not self._value(found) > best:
            return
        self.epoch, self._logs = epoch + 1, found
        self._weights = self.model.get_weights()
        if self.path is not None:
            with replacing(self.path) as temporary:
                np.savez(
                    temporary, *self._weights, epoch=self.epoch, logs=json.dumps(found)
                )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._weights:
            self.model.set_weights(self._weights)

    def _value(self, logs: dict[str, float]) -> float:
        """Returns what an epoch is worth now."""
        if self.monitor != "val_objective" or not hasattr(self.model, "kl_weight"):
            return logs[self.monitor]
        reconstruction, kl = (logs[name] for name in TERMS)
        return -reconstruction - float(self.model.kl_weight) * kl
