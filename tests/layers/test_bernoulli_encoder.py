import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layer_checks import check_layer
from wish_tf.layers import BernoulliEncoder

ROWS = np.eye(6, dtype=np.float32)


def test_layer_contract(tmp_path):
    check_layer(
        BernoulliEncoder(4, hidden_units=(10, 8), dropout=0.3, word_scale=0.5, seed=3),
        ROWS,
        config={
            "bits": 4,
            "hidden_units": [10, 8],
            "dropout": 0.3,
            "dropout_when_hashing": False,
            "word_dropout": 0.0,
            "word_scale": 0.5,
            "seed": 3,
        },
        output_shape=(6, 4),
        weights=6,
        folder=tmp_path,
    )


def test_gives_probabilities_equal_for_sparse_and_dense_rows():
    encoder = BernoulliEncoder(4, hidden_units=(10,))
    dense = encoder(ROWS).numpy()
    assert ((dense > 0) & (dense < 1)).all()
    np.testing.assert_allclose(encoder(tf.sparse.from_dense(ROWS)), dense, rtol=1e-6)


def test_dropout_acts_in_training_only():
    encoder = BernoulliEncoder(4, hidden_units=(50, 50), dropout=0.5)
    np.testing.assert_array_equal(encoder(ROWS), encoder(ROWS))
    noisy = encoder(ROWS, training=True), encoder(ROWS, training=True)
    assert np.any(noisy[0].numpy() != noisy[1].numpy())


def test_no_hidden_layer_is_refused():
    with pytest.raises(ValueError, match="hidden_units to name a width; got none"):
        BernoulliEncoder(4, hidden_units=())


def test_dropout_can_stay_on_when_hashing():
    encoder = BernoulliEncoder(4, (50,), dropout=0.5, dropout_when_hashing=True)
    assert np.any(encoder(ROWS).numpy() != encoder(ROWS).numpy())


def test_hidden_layers_alone_are_of_half_precision():
    encoder = BernoulliEncoder(4, np.array([10, 8]), dtype="mixed_bfloat16")
    assert encoder(ROWS).dtype == "float32"
    assert {weight.dtype for weight in encoder.weights} == {"float32"}
    assert encoder._hidden[0].compute_dtype == "bfloat16"


def test_double_precision():
    encoder = BernoulliEncoder(4, (10,), word_dropout=0.1, dtype="float64")
    assert encoder(ROWS, training=True).dtype == "float64"


@pytest.mark.filterwarnings("ignore:Model doesn't support `jit_compile=True`")
def test_a_model_of_its_own_is_not_compiled_by_xla():
    inputs = keras.Input((6,))
    model = keras.Model(inputs, BernoulliEncoder(4, (10,))(inputs))
    model.compile("adam", "mse", jit_compile=True)
    model.fit(ROWS, np.zeros((6, 4)), verbose=0)


def test_rows_of_another_width_or_rank_are_refused():
    encoder = BernoulliEncoder(4, (10,))
    encoder(ROWS)
    for rows in (ROWS[:, :5], tf.sparse.from_dense(ROWS[:, :5])):
        with pytest.raises(ValueError, match="axis -1 of input shape to have value 6"):
            encoder(rows)
    with pytest.raises(ValueError, match="expected ndim=2"):
        BernoulliEncoder(4, (10,))(np.ones((2, 3, 4)))
