import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layer_checks import check_layer
from wish_tf.layers import TopicSelection

Z = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]], np.float32)


def hand_built(combine: str = "sum") -> TopicSelection:
    layer = TopicSelection(4, topic_dim=3, combine=combine)
    layer.build((None, 3))
    layer.topics.assign([[1, 0, 0], [0, 2, 0], [0, 0, 3]])
    layer.embedding.assign([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    return layer


def softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits)
    return exp / exp.sum(axis=1, keepdims=True)


def test_layer_contract(tmp_path):
    check_layer(
        TopicSelection(
            7,
            topic_dim=5,
            combine="mean",
            orthogonality=0.5,
            centred=False,
            topics_initializer=keras.initializers.Constant(0.5),
            seed=3,
        ),
        Z,
        config={
            "vocabulary_size": 7,
            "topic_dim": 5,
            "combine": "mean",
            "orthogonality": 0.5,
            "centred": False,
            "seed": 3,
            "topics_initializer": {
                "module": "keras.initializers",
                "class_name": "Constant",
                "config": {"value": 0.5},
                "registered_name": None,
            },
        },
        output_shape=(3, 7),
        weights=3,
        folder=tmp_path,
    )


def test_sum_of_selected_topics_by_hand():
    # Topic i adds i + 1 to word i; the selection is z - 1/2.
    logits = np.array(
        [
            [0.5 + 0.1, -1 + 0.2, 1.5 + 0.3, 0.4],
            [-0.5 + 0.1, -1 + 0.2, -1.5 + 0.3, 0.4],
            [0.5 + 0.1, 1 + 0.2, 1.5 + 0.3, 0.4],
        ]
    )
    np.testing.assert_allclose(hand_built()(Z), softmax(logits), rtol=1e-5)


def test_mean_of_selected_topics_by_hand():
    # z / sum(z) - 1/3: (1/6, -1/3, 1/6), (-1/3, -1/3, -1/3), (0, 0, 0).
    logits = np.array(
        [
            [1 / 6 + 0.1, -2 / 3 + 0.2, 1 / 2 + 0.3, 0.4],
            [-1 / 3 + 0.1, -2 / 3 + 0.2, -1 + 0.3, 0.4],
            [0.1, 0.2, 0.3, 0.4],
        ]
    )
    np.testing.assert_allclose(hand_built("mean")(Z), softmax(logits), rtol=1e-5)


@pytest.mark.parametrize("combine", ["sum", "mean"])
def test_centring_moves_a_constant_into_the_bias(combine):
    centred, literal = hand_built(combine), hand_built(combine)
    literal.centred = False
    middle = 0.5 if combine == "sum" else 1 / 3
    literal.bias.assign_sub(middle * tf.reduce_sum(literal.topic_words(), axis=0))
    np.testing.assert_allclose(literal(Z), centred(Z), rtol=1e-5)


@pytest.mark.parametrize("combine", ["sum", "mean"])
def test_log_likelihood_is_that_of_the_full_softmax(combine):
    layer = hand_built(combine)
    rows = np.array([[0, 0.6, 0, 0.8], [1, 0, 0, 0], [0, 0, 0, 0]], np.float32)
    expected = (rows * np.log(layer(Z).numpy())).sum(axis=1)
    np.testing.assert_allclose(layer.log_likelihood(Z, rows), expected, rtol=1e-5)
    np.testing.assert_allclose(
        layer.log_likelihood(Z, tf.sparse.from_dense(rows)), expected, rtol=1e-5
    )


def test_gradients_of_the_log_likelihood_are_those_of_the_full_softmax():
    layer = hand_built()
    rows = np.array([[0.2, 0.6, 0, 0.8], [1, 0, 0, 0], [0.5, 0, 0.5, 0]], np.float32)
    z = tf.constant(Z)
    sources = [z, layer.topics.value, layer.embedding.value, layer.bias.value]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        fast = tf.reduce_sum(layer.log_likelihood(z, rows))
        plain = tf.reduce_sum(rows * tf.math.log(layer(z)))
    for one, other in zip(
        tape.gradient(fast, sources), tape.gradient(plain, sources), strict=True
    ):
        np.testing.assert_allclose(
            tf.convert_to_tensor(one), tf.convert_to_tensor(other), atol=1e-5
        )


def test_topics_start_orthonormal_so_that_the_penalty_starts_at_zero():
    layer = TopicSelection(20, topic_dim=10)
    layer.build((None, 6))
    assert float(layer.losses[0]) == pytest.approx(0, abs=1e-9)


def test_topic_words_is_the_product_of_topics_and_embedding():
    layer = TopicSelection(20, topic_dim=10)
    layer.build((None, 6))
    np.testing.assert_allclose(
        layer.topic_words(),
        layer.topics.numpy() @ layer.embedding.numpy(),
        rtol=1e-4,
        atol=1e-6,
    )


def test_a_words_gain_by_hand():
    layer = TopicSelection(3, topic_dim=2)
    layer.build((None, 1))
    layer.topics.assign([[1.0, 0.0]])
    # The bit adds 2 to the logit of a rare word, 1 to that of a frequent one.
    layer.embedding.assign([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    layer.bias.assign(np.log([0.01, 0.49, 0.5]))
    on = np.array([0.01 * np.exp(1), 0.49 * np.exp(0.5), 0.5])
    off = np.array([0.01 * np.exp(-1), 0.49 * np.exp(-0.5), 0.5])
    gains = layer.word_gains().numpy()
    on, off = on / on.sum(), off / off.sum()
    expected = (on - off) / np.sqrt((on + off) / 2)
    np.testing.assert_allclose(gains, [expected], rtol=1e-5)
    assert gains[0].argmax() == 1 and gains[0, 2] < 0


def test_a_words_gain_leaves_other_bits_undecided():
    layer = hand_built("sum")
    both = tf.constant([[1.0, 0.5, 0.5], [0.0, 0.5, 0.5]])
    on, off = layer(both).numpy()
    expected = (on - off) / np.sqrt((on + off) / 2)
    np.testing.assert_allclose(layer.word_gains()[0], expected, rtol=1e-5, atol=1e-6)


def test_unknown_combination_is_refused():
    with pytest.raises(ValueError, match='"sum" or "mean"; got \'max\''):
        TopicSelection(5, combine="max")


def test_more_bits_than_dimensions_are_refused():
    with pytest.raises(ValueError, match="`topic_dim` of at least 6, .*; got 4$"):
        TopicSelection(5, topic_dim=4).build((None, 6))


@pytest.mark.parametrize("combine", ["sum", "mean"])
def test_documents_of_one_code_keep_gradients_of_their_own(combine):
    # Codes are worked out once each, but their documents differ in words and in
    # how much they count.
    layer = hand_built(combine)
    z = tf.constant([[1, 0, 1], [0, 1, 0], [1, 0, 1], [1, 0, 1]], tf.float32)
    rows = np.random.default_rng(0).random((4, 4)).astype(np.float32)
    counts = tf.constant([1.0, -2.0, 3.0, 0.5])
    sources = [z, layer.topics.value, layer.embedding.value, layer.bias.value]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        fast = tf.reduce_sum(counts * layer.log_likelihood(z, rows))
        words = tf.math.log(layer(z))
        plain = tf.reduce_sum(counts * tf.reduce_sum(rows * words, axis=1))
    np.testing.assert_allclose(fast, plain, rtol=1e-5)
    for one, other in zip(
        tape.gradient(fast, sources), tape.gradient(plain, sources), strict=True
    ):
        np.testing.assert_allclose(
            tf.convert_to_tensor(one), tf.convert_to_tensor(other), rtol=1e-5, atol=1e-5
        )


def test_selections_of_another_rank_are_refused():
    with pytest.raises(ValueError, match="expected ndim=2, found ndim=3"):
        TopicSelection(7, 5)(tf.ones([2, 3, 4]))
