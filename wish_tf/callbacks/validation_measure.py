from __future__ import annotations

from typing import Any

import keras
import numpy as np

from wish_tf.data import csr_dataset
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.types import Csr

BATCH = 1000


class ValidationMeasure(keras.callbacks.Callback):
    """Measures the codes of the validation texts after each epoch.

    Adds the measure, with `val_` before its name, to the epoch's logs, for the
    callbacks that stand behind this one. An epoch chosen by Prec@k or MAP has used
    labels.

    Args:
        yardstick: of the training texts, and of the validation texts as queries.
        measure: one of `wish_tf.metrics.yardstick.QUALITIES`.

    Raises:
        InputError: as `Yardstick.check`.
    """

    def __init__(self, yardstick: Yardstick, measure: str = "precision_at_100"):
        super().__init__()
        yardstick.check(measure)
        self.yardstick, self.measure = yardstick, measure

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            codes = self._codes(self.yardstick.rows)
            asked = self._codes(self.yardstick.query_rows)
            found = self.yardstick.measures(codes, asked)[self.measure]
            logs[f"val_{self.measure}"] = found

    def _codes(self, rows: Csr) -> np.ndarray:
        # Not `predict`, which is in the middle of `fit` and whose callbacks
        # would be told of it.
        parts = [self.model(batch) for batch in csr_dataset(rows, BATCH)]
        return (np.concatenate(parts) > 0.5).astype(np.uint8)
