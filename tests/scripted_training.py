from collections.abc import Sequence

import keras
import numpy as np


class Scripted(keras.callbacks.Callback):
    """Sets the weight to the epoch's number and the objective to a given one."""

    def __init__(self, objectives):
        super().__init__()
        self.objectives = objectives

    def on_epoch_end(self, epoch, logs=None):
        self.model.set_weights([np.full((1, 1), epoch + 1)])
        logs["val_objective"] = self.objectives[epoch]


def scripted_training(
    objectives: Sequence[float],
    callbacks: list[keras.callbacks.Callback],
    initial_epoch: int = 0,
) -> tuple[int, int]:
    """Returns the last epoch that was trained and the one whose weights are left,
    both from 1."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    x = np.ones((2, 1))
    history = model.fit(
        x,
        x,
        epochs=len(objectives),
        initial_epoch=initial_epoch,
        callbacks=[Scripted(objectives), *callbacks],
        verbose=0,
    )
    return history.epoch[-1] + 1, int(model.get_weights()[0].item())
