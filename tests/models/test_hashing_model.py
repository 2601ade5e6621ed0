import keras
import numpy as np
import pytest
import tensorflow as tf

from wish_tf import InputError
from wish_tf.codes import pack_bits
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.models.hashing_model import pack_to_bytes
from wish_tf.naming import Topic

TOPICS = [
    Topic("warm", ("red", "blue"), (0.5, 0.25), 0.4, 0.9),
    Topic("bit 1", (), (), 0.0, 0.5),
]
TEXTS = ["red blue red", "green", "nothing known", ""]


def hashing_model(bits: int = 11) -> HashingModel:
    keras.utils.set_random_seed(0)
    vectorization = TfidfVectorization(["red", "blue", "green"], [1.0, 2.0, 3.0])
    wish = WISH(bits, 3, topic_dim=16, hidden_units=(8,), name="wish")
    return HashingModel(vectorization, wish, TOPICS)


def test_outputs():
    model = hashing_model()
    out = model.hash_texts(tf.constant(TEXTS))
    bits = out["bits"].numpy()
    assert bits.shape == (4, 11) and bits.dtype == np.int32
    np.testing.assert_array_equal(bits, out["probabilities"].numpy() > 0.5)
    packed = [bytes(row) for row in pack_bits(bits.astype(np.uint8))]
    assert out["code_bytes"].numpy().tolist() == packed
    assert out["out_of_vocabulary"].numpy().tolist() == [False, False, True, True]


def test_packing_in_the_graph_for_every_length():
    rng = np.random.default_rng(0)
    for length in range(1, 20):
        bits = rng.integers(0, 2, (5, length)).astype(np.int32)
        packed = pack_to_bytes(tf.constant(bits)).numpy().tolist()
        assert packed == [bytes(row) for row in pack_bits(bits)]


def test_no_texts():
    model = hashing_model()
    out = model.hash_texts(tf.zeros([0], tf.string))
    assert out["bits"].shape == (0, 11) and out["code_bytes"].shape == (0,)


def test_topics_are_words_with_weights_and_names():
    topics = hashing_model().topics(tf.constant([5]))
    assert {name: value.shape.as_list() for name, value in topics.items()} == {
        "words": [1, 11, 10],
        "weights": [1, 11, 10],
        "names": [1, 11],
    }
    words = np.full((11, 10), b"", object)
    words[0, :2] = [b"red", b"blue"]
    np.testing.assert_array_equal(topics["words"][0], words)
    weights = np.zeros((11, 10), np.float32)
    weights[0, :2] = [0.5, 0.25]
    np.testing.assert_array_equal(topics["weights"][0], weights)
    assert topics["names"][0].numpy().tolist() == [b"warm", b"bit 1", *[b""] * 9]


def test_each_row_of_topics_has_as_many_words_as_it_asks_for():
    model = hashing_model()
    topics = model.topics(tf.constant([1, 2, 0, -1]))
    assert topics["words"].numpy()[:, 0, :3].tolist() == [
        [b"red", b"", b""],
        [b"red", b"blue", b""],
        [b"", b"", b""],
        [b"", b"", b""],
    ]
    assert topics["weights"].numpy()[:, 0, :2].tolist() == [
        [0.5, 0],
        [0.5, 0.25],
        [0, 0],
        [0, 0],
    ]
    assert set(topics["names"].numpy()[:, 0]) == {b"warm"}
    assert model.topics(tf.zeros([0], tf.int32))["words"].shape == (0, 11, 10)


def test_codes_that_are_not_nested_are_not_cut():
    model = hashing_model()
    assert model.cut(11) is model
    with pytest.raises(InputError, match="expected 11 bits, .* not nested; got 8"):
        model.cut(8)


def test_save_and_load_give_identical_outputs(tmp_path):
    model = hashing_model()
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert loaded.named == tuple(TOPICS)
    for one, other in zip(
        tf.nest.flatten(model.hash_texts(TEXTS)),
        tf.nest.flatten(loaded.hash_texts(TEXTS)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_export_takes_strings(tmp_path):
    model = hashing_model()
    model.export(tmp_path / "saved", verbose=0)
    served = keras.layers.TFSMLayer(tmp_path / "saved", call_endpoint="serve")
    texts = tf.constant(TEXTS)
    np.testing.assert_array_equal(served(texts)["bits"], model(texts)["bits"])
