import keras
import numpy as np
import pytest

from wish_tf.callbacks import BestEpoch


class Scripted(keras.callbacks.Callback):
    """Sets the weight to the epoch's number and the score to a given one."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def on_epoch_end(self, epoch, logs=None):
        self.model.set_weights([np.full((1, 1), epoch + 1)])
        logs["val_objective"] = self.scores[epoch]


def fit(scores, best: BestEpoch, initial_epoch: int = 0) -> float:
    """Returns the weight that the training ends with."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    x = np.ones((2, 1))
    model.fit(
        x,
        x,
        epochs=len(scores),
        initial_epoch=initial_epoch,
        callbacks=[Scripted(scores), best],
        verbose=0,
    )
    return float(model.get_weights()[0][0, 0])


@pytest.mark.parametrize(
    ("scores", "epoch"), [([-3, -1, -2], 2), ([-1, -1], 1), ([-2, float("nan")], 1)]
)
def test_training_ends_with_the_first_of_the_best(scores, epoch):
    best = BestEpoch()
    assert fit(scores, best) == epoch == best.epoch


def test_a_resumed_training_knows_the_best_before(tmp_path):
    path = tmp_path / "best.npz"
    fit([-5, -1, -3], BestEpoch(path=path))
    assert [file.name for file in tmp_path.iterdir()] == ["best.npz"]
    best = BestEpoch(path=path)
    assert fit([None, None, -3, -2], best, initial_epoch=2) == 2 == best.epoch
    assert fit([None, None, -3, -0.5], BestEpoch(path=path), initial_epoch=2) == 4


def test_what_is_not_measured_cannot_be_gone_by():
    with pytest.raises(ValueError, match="'val_objective'.*Received: monitor='val_x'"):
        fit([-1], BestEpoch("val_x"))
