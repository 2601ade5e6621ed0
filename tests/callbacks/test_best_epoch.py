import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.scripted_training import scripted_training
from wish_tf.callbacks import BestEpoch


def fit(scores, best: BestEpoch, initial_epoch: int = 0) -> int:
    """Returns the epoch whose weights the training ends with."""
    return scripted_training(scores, [best], initial_epoch)[1]


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
    with pytest.raises(ValueError, match="'val_objective'.*; got 'val_x'"):
        fit([-1], BestEpoch("val_x"))


class Weighing(keras.Model):
    """A model whose KL weight is the share of the epochs done."""

    kl_weight = 0.0

    def __init__(self, terms):
        super().__init__()
        self.terms = terms
        self.epoch = self.add_weight(shape=(), initializer="zeros")

    def train_step(self, data):
        return {"loss": tf.reduce_sum(data)}

    def fit_terms(self, best: BestEpoch) -> float:
        class Script(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                model = self.model
                model.epoch.assign(epoch + 1)
                model.kl_weight = (epoch + 1) / len(model.terms)
                reconstruction, kl = model.terms[epoch]
                logs["val_reconstruction"], logs["val_kl"] = reconstruction, kl
                logs["val_objective"] = -reconstruction - model.kl_weight * kl

        self.compile()
        self.fit(
            np.ones((1, 1)),
            epochs=len(self.terms),
            callbacks=[Script(), best],
            verbose=0,
        )
        return float(self.epoch)


@pytest.mark.parametrize(
    ("terms", "epoch"),
    [
        # The untrained first epoch would be the best with the whole KL, -10 - 0.
        ([(10, 0), (9.5, 0.6), (9.2, 2)], 2),
        # 9 + 1/3 of 3 is less than 9 + 2/3 of 3, at one weight they are equal, so
        # that the first stays; a third is better at any.
        ([(9, 3), (9, 3), (9, 2.9)], 3),
    ],
)
def test_epochs_of_a_wish_are_compared_at_the_current_kl_weight(terms, epoch):
    assert Weighing(terms).fit_terms(BestEpoch()) == epoch
