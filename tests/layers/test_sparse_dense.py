import numpy as np
import tensorflow as tf

from tests.layer_checks import check_layer
from wish_tf.layers import SparseDense

ROWS = np.array([[0, 0.6, 0, 0.8], [1, 0, 0, 0], [0, 0, 0, 0]], np.float32)


def test_layer_contract(tmp_path):
    check_layer(
        SparseDense(5, kernel_initializer="ones"),
        ROWS,
        config={
            "units": 5,
            "kernel_initializer": {
                "module": "keras.initializers",
                "class_name": "Ones",
                "config": {},
                "registered_name": None,
            },
        },
        output_shape=(3, 5),
        weights=2,
        folder=tmp_path,
    )


def test_is_relu_of_the_dense_product_for_both_kinds_of_rows():
    layer = SparseDense(6)
    layer.build((None, 4))
    layer.bias.assign(np.linspace(-1, 1, 6))
    expected = np.maximum(ROWS @ layer.kernel.numpy() + layer.bias.numpy(), 0)
    np.testing.assert_allclose(layer(ROWS), expected, rtol=1e-6)
    np.testing.assert_allclose(layer(tf.sparse.from_dense(ROWS)), expected, rtol=1e-6)


def test_gradient_names_each_word_of_the_batch_once_and_equals_the_dense_one():
    rows = np.array([[0, 0.6, 0, 0.8], [0, 0.3, 0, 0.1]], np.float32)
    layer = SparseDense(3)
    layer.build((None, 4))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.sparse.from_dense(rows)) ** 2)
    gradient = tape.gradient(loss, layer.kernel.value)
    assert isinstance(gradient, tf.IndexedSlices)
    assert sorted(gradient.indices.numpy()) == [1, 3]

    kernel = tf.constant(layer.kernel.numpy())
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        loss = tf.reduce_sum(tf.nn.relu(rows @ kernel) ** 2)
    np.testing.assert_allclose(
        tf.convert_to_tensor(gradient), tape.gradient(loss, kernel), rtol=1e-5
    )
