from __future__ import annotations

import keras

from wish_tf.callbacks import BestEpoch

# The objective may fall before it rises: on 20 Newsgroups at 12 bits that of WISH as
# published is below its first value for three epochs, and then above it for good.
FIRST_EPOCHS = 10


def epoch_choice(patience: int) -> list[keras.callbacks.Callback]:
    """Returns callbacks that choose the epoch, for all methods by the same rule.

    It is the best by the objective on the validation rows, and training ends when
    there has been no better one for some epochs, the first ten not counted.

    Args:
        patience: how many epochs that is.
    """
    return [
        BestEpoch(),
        keras.callbacks.EarlyStopping(
            "val_objective",
            mode="max",
            patience=patience,
            start_from_epoch=FIRST_EPOCHS,
        ),
    ]
