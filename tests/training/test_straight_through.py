import numpy as np
import scipy.sparse

from wish_tf.recipes import ModelSettings, StraightThrough
from wish_tf.training import FitOptions, TrainingData, train
from wish_tf.training.recipe import FitSettings, Recipe

RANDOM = np.random.default_rng(0)
ROWS = scipy.sparse.random_array(
    (60, 40), density=0.2, format="csr", dtype=np.float32, rng=RANDOM
)


def recipe(public_start: bool) -> Recipe:
    return Recipe(
        StraightThrough(topic_dim=16, public_start=public_start),
        ModelSettings(hidden_units=(30, 20)),
        FitSettings(epochs=1, batch_size=60, learning_rate=1e-6),
    )


def test_the_public_start_is_that_of_linear_layers_of_pytorch():
    model = train(TrainingData(ROWS, 4), recipe(public_start=True), FitOptions())
    of = {"/".join(v.path.split("/")[-2:]): v for v in model.trainable_variables}
    inputs = {"words": 40, "hidden_2": 30, "bits": 20, "decoder": 16}
    for name, width in inputs.items():
        parts = [v.numpy() for path, v in of.items() if path.startswith(name)]
        for values in parts:
            if len(values) == 4 and values.ndim == 2:  # topic vectors
                assert 0 <= values.min() < 0.2 and 0.8 < values.max() < 1
                continue
            # One step of Adam at this rate moves a weight by 1e-6 at most.
            assert np.abs(values).max() <= width**-0.5 + 2e-6
            if values.size > 100:
                assert np.abs(values).max() > 0.9 * width**-0.5
    assert len(of) == 9


def test_without_it_the_decoder_starts_at_the_words_frequencies():
    model = train(TrainingData(ROWS, 4), recipe(public_start=False), FitOptions())
    totals = np.asarray(ROWS.sum(axis=0)).ravel()
    expected = np.log(totals / totals.sum())
    np.testing.assert_allclose(model.decoder.bias.numpy(), expected, atol=1e-5)
