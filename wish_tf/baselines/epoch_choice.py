from __future__ import annotations

import keras

from wish_tf.callbacks import BestEpoch


def epoch_choice(patience: int) -> list[keras.callbacks.Callback]:
    """Returns callbacks that choose the epoch, for all methods by the same rule.

    It is the best by the objective on the validation rows, and training ends when
    there has been no better one for some epochs.

    Args:
        patience: how many epochs that is.
    """
    return [
        BestEpoch(),
        keras.callbacks.EarlyStopping("val_objective", mode="max", patience=patience),
    ]
