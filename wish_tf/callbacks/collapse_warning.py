from __future__ import annotations

import warnings
from typing import Any

import keras


class CollapseWarning(keras.callbacks.Callback):
    """Warns, once and at the end of the epoch, when all texts get one code.

    A model whose bits have died does not recover: there is no gradient left
    that tells texts apart.
    """

    _warned = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        codes = logs.get("val_distinct_codes", logs.get("distinct_codes"))
        if codes is not None and codes <= 1 and not self._warned:
            self._warned = True
            warnings.warn(
                f"The training has collapsed in epoch {epoch + 1}: every text has "
                "the same code, and more epochs will not help. Use the default "
                "recipe, or centre the selection (`centred=True`).",
                stacklevel=2,
            )
