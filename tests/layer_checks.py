"""What every layer of the package must be able to do."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np


def check_layer(
    layer: keras.layers.Layer,
    inputs: np.ndarray,
    *,
    config: dict,
    output_shape: tuple[int, ...],
    weights: int,
    folder: Path,
) -> None:
    """Checks the configuration, the shapes, a training step, and save and load.

    Args:
        layer: the layer, not built yet.
        inputs: a batch of dense float inputs.
        config: what `get_config` must say besides what Keras adds.
        output_shape: of the batch's output.
        weights: number of trainable weights once built.
        folder: an empty folder for files.
    """
    said = layer.get_config()
    assert {key: said[key] for key in config} == config
    base = set(keras.layers.Layer(name="x").get_config())
    assert set(said) - base == set(config)
    again = type(layer).from_config(said)
    assert again.get_config() == said

    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    assert len(layer.trainable_weights) == weights
    assert model.output_shape == (None, *output_shape[1:])
    assert model.predict(inputs, verbose=0).shape == output_shape

    model.compile("sgd", "mse")
    before = [weight.numpy() for weight in layer.trainable_weights]
    model.fit(inputs, np.ones(output_shape, np.float32), verbose=0)
    if weights:
        changed = [
            not np.array_equal(old, weight.numpy())
            for old, weight in zip(before, layer.trainable_weights, strict=True)
        ]
        assert all(changed)

    path = folder / "layer.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    np.testing.assert_array_equal(
        loaded.predict(inputs, verbose=0), model.predict(inputs, verbose=0)
    )
