import numpy as np
import tensorflow as tf

from tests.callbacks.events import events
from tests.callbacks.test_wish_board import fit_planted, model, sample
from wish_tf.callbacks import WishBoard


def test_two_devices_show_what_one_does(mirrored, tmp_path):
    found = []
    for strategy in (tf.distribute.get_strategy(), mirrored):
        folder = tmp_path / type(strategy).__name__
        with strategy.scope():
            made = model(dropout=0.0, stochastic=False)
        fit_planted(made, WishBoard(folder, sample=sample()), epochs=2)
        runs = ("train", "validation")
        found.append(
            {
                (run, *each): value
                for run in runs
                for each, value in (
                    ((tag, step), value)
                    for tag, values in events(folder / run).items()
                    for step, value in values
                )
            }
        )
        assert (folder / "projector_config.pbtxt").exists()
    one, two = found
    assert set(one) == set(two)
    assert ("train", "training/learning_rate", 1) in one
    for key, value in one.items():
        np.testing.assert_allclose(two[key], value, rtol=1e-3, atol=1e-5, err_msg=key)
