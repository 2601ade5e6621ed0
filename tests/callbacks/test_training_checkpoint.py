import keras
import numpy as np
import pytest

from wish_tf.callbacks import TrainingCheckpoint


class Kept:
    """Notes the epochs after which the state would be kept."""

    def __init__(self):
        self.after: list[int] = []

    def save_fit(self, model: keras.Model) -> None:
        self.after.append(int(model.optimizer.iterations))


@pytest.mark.parametrize(("minutes", "after"), [(0.0, [1, 2]), (60.0, [])])
def test_the_state_is_kept_when_the_time_has_come(minutes, after):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    kept = Kept()
    callback = TrainingCheckpoint(kept, minutes)
    model.fit(
        np.ones((8, 3)), np.ones((8, 2)), epochs=2, callbacks=[callback], verbose=0
    )
    assert kept.after == after
