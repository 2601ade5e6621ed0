from __future__ import annotations

from typing import Any

import keras
import numpy as np

from wish_tf.data import csr_dataset
from wish_tf.metrics.precision_at_k import precision_at_k
from wish_tf.types import Csr

BATCH = 1000


class ValidationPrecision(keras.callbacks.Callback):
    """Measures Prec@100 on the validation texts after each epoch.

    Adds `val_precision_at_100` to the epoch's logs, for the callbacks that stand
    behind this one. It looks at labels: an epoch chosen by it has used them.

    Args:
        rows: tf-idf rows of the training texts, CSR [n, vocabulary], n >= 100.
        labels: theirs, as `precision_at_k` takes them.
        validation_rows: of the validation texts, likewise.
        validation_labels: theirs.
    """

    def __init__(
        self, rows: Csr, labels: Any, validation_rows: Csr, validation_labels: Any
    ):
        super().__init__()
        self.rows, self.labels = rows, labels
        self.validation_rows = validation_rows
        self.validation_labels = validation_labels

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["val_precision_at_100"] = precision_at_k(
                self._codes(self.validation_rows),
                self.validation_labels,
                self._codes(self.rows),
                self.labels,
                100,
            )

    def _codes(self, rows: Csr) -> np.ndarray:
        # Not `predict`, which is in the middle of `fit` and whose callbacks
        # would be told of it.
        parts = [self.model(batch) for batch in csr_dataset(rows, BATCH)]
        return (np.concatenate(parts) > 0.5).astype(np.uint8)
