import keras
import numpy as np
import pytest

from wish_tf.callbacks import TrainingCheckpoint


def fit(path, minutes: float) -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    callback = TrainingCheckpoint(path, minutes=minutes)
    model.fit(
        np.ones((8, 3)), np.ones((8, 2)), epochs=2, callbacks=[callback], verbose=0
    )
    return model


def test_the_state_is_saved_when_the_time_has_come(tmp_path):
    model = fit(tmp_path / "state.keras", minutes=0.0)
    loaded = keras.models.load_model(tmp_path / "state.keras")
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) == 2
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    assert [path.name for path in tmp_path.iterdir()] == ["state.keras"]


def test_nothing_is_saved_before(tmp_path):
    fit(tmp_path / "state.keras", minutes=60.0)
    assert not list(tmp_path.iterdir())


def test_a_failed_save_keeps_the_former_state(tmp_path, monkeypatch):
    fit(tmp_path / "state.keras", minutes=0.0)
    before = (tmp_path / "state.keras").read_bytes()

    def full(self, path):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(keras.Model, "save", full)
    with pytest.raises(OSError, match="disk full"):
        fit(tmp_path / "state.keras", minutes=0.0)
    assert (tmp_path / "state.keras").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
