"""Damaged `.keras` files, and such as were made by hand."""

import zipfile

import keras
import numpy as np
import pytest

from wish_tf import InputError
from wish_tf.models.load_keras import load_keras


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="dense")])
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    model.save(path)
    return path


def with_config(saved, path, change):
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == "config.json" else content)
    return path


def test_a_file_is_read(saved):
    assert load_keras(saved).output_shape == (None, 2)


def test_what_is_none_is_said_so(tmp_path):
    for path in (tmp_path, tmp_path / "missing.keras"):
        with pytest.raises(InputError, match="^expected a .keras file; .* is none$"):
            load_keras(path)


def test_damage_anywhere_is_refused_or_harmless(saved, tmp_path):
    whole = saved.read_bytes()
    weights = load_keras(saved).get_weights()
    path = tmp_path / "damaged.keras"
    rng = np.random.default_rng(0)
    refused = 0
    for number in range(200):
        damaged = bytearray(whole)
        if number % 4:
            damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        else:
            del damaged[rng.integers(len(whole)) :]
        path.write_bytes(damaged)
        try:
            read = load_keras(path).get_weights()
        except InputError as error:
            refused += 1
            assert str(error).startswith("expected a .keras file; got ")
            assert "\n" not in str(error)
        else:
            for one, other in zip(read, weights, strict=True):
                np.testing.assert_array_equal(one, other)
    assert refused > 150


@pytest.mark.parametrize(
    "change",
    [
        lambda config: b"",
        lambda config: b"[]",
        lambda config: b'"text"',
        lambda config: config.replace(b'"units": 2', b'"units": "x"'),
        lambda config: config.replace(b'"units": 2', b'"units": 3'),
        lambda config: config.replace(b'"Dense"', b'"Dance"'),
        lambda config: config.replace(b'"layers"', b'"liars"'),
    ],
)
def test_a_configuration_made_by_hand_is_refused(saved, tmp_path, change):
    path = with_config(saved, tmp_path / "odd.keras", change)
    with pytest.raises(InputError, match="^expected a .keras file; .* be read"):
        load_keras(path)
