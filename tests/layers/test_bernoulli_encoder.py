import numpy as np
import pytest
import tensorflow as tf

from tests.layer_checks import check_layer
from wish_tf.layers import BernoulliEncoder

ROWS = np.eye(6, dtype=np.float32)


def test_layer_contract(tmp_path):
    check_layer(
        BernoulliEncoder(4, hidden_units=(10, 8), dropout=0.3, word_scale=0.5),
        ROWS,
        config={
            "bits": 4,
            "hidden_units": [10, 8],
            "dropout": 0.3,
            "dropout_when_hashing": False,
            "word_dropout": 0.0,
            "word_scale": 0.5,
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
    with pytest.raises(ValueError, match="at least one width. Received: hidden_units="):
        BernoulliEncoder(4, hidden_units=())


def test_dropout_can_stay_on_when_hashing():
    encoder = BernoulliEncoder(4, (50,), dropout=0.5, dropout_when_hashing=True)
    assert np.any(encoder(ROWS).numpy() != encoder(ROWS).numpy())
