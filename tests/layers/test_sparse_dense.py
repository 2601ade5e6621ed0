import numpy as np
import pytest
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


def test_training_computes_the_same_even_from_entries_out_of_order():
    rows = tf.SparseTensor(
        [[1, 0], [0, 3], [0, 1]], tf.constant([1.0, 0.8, 0.6]), [3, 4]
    )
    layer = SparseDense(6)
    layer.build((None, 4))
    layer.bias.assign(np.linspace(-1, 1, 6))
    expected = np.maximum(ROWS @ layer.kernel.numpy() + layer.bias.numpy(), 0)
    np.testing.assert_allclose(layer(rows, training=True), expected, rtol=1e-5)


def test_gradients_in_training_are_those_of_the_dense_product():
    rng = np.random.default_rng(0)
    rows = rng.random((7, 30)).astype(np.float32) * (rng.random((7, 30)) < 0.3)
    upstream = rng.normal(size=(7, 5)).astype(np.float32)
    layer = SparseDense(5)
    layer.build((None, 30))
    sparse = tf.sparse.from_dense(rows)
    kernel, dense = tf.constant(layer.kernel.numpy()), tf.constant(rows)
    with tf.GradientTape() as tape:
        tape.watch(sparse.values)
        loss = tf.reduce_sum(layer(sparse, training=True) * upstream)
    by_kernel, by_values = tape.gradient(loss, [layer.kernel.value, sparse.values])
    assert isinstance(by_kernel, tf.IndexedSlices)
    with tf.GradientTape() as tape:
        tape.watch([kernel, dense])
        loss = tf.reduce_sum(tf.nn.relu(dense @ kernel) * upstream)
    plain_kernel, plain_dense = tape.gradient(loss, [kernel, dense])
    np.testing.assert_allclose(
        tf.convert_to_tensor(by_kernel), plain_kernel, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        by_values, tf.gather_nd(plain_dense, sparse.indices), rtol=1e-5, atol=1e-6
    )


def test_a_replica_may_be_given_no_document_in_training():
    layer = SparseDense(3)
    layer.build((None, 4))
    rows = tf.sparse.from_dense(np.zeros((0, 4), np.float32))
    with tf.GradientTape() as tape:
        hidden = layer(rows, training=True)
    assert hidden.shape == (0, 3)
    gradient = tape.gradient(hidden, layer.kernel.value)
    np.testing.assert_array_equal(tf.convert_to_tensor(gradient), np.zeros((4, 3)))


def test_words_may_be_absent_from_a_batch_in_training():
    layer = SparseDense(3)
    layer.build((None, 4))
    rows = tf.sparse.from_dense(np.zeros((2, 4), np.float32))
    with tf.GradientTape() as tape:
        hidden = layer(rows, training=True)
    np.testing.assert_array_equal(hidden, np.zeros((2, 3)))
    gradient = tape.gradient(hidden, layer.kernel.value)
    np.testing.assert_array_equal(tf.convert_to_tensor(gradient), np.zeros((4, 3)))


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16"])
def test_half_precision_is_refused(policy):
    with pytest.raises(ValueError, match=f"float32 or float64.*got {policy}"):
        SparseDense(3, dtype=policy)
