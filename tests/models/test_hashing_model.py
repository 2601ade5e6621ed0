import keras
import numpy as np
import tensorflow as tf

from wish_tf.codes import pack_bits
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.models.hashing_model import pack_to_bytes

TEXTS = ["red blue red", "green", "nothing known", ""]


def hashing_model(bits: int = 11) -> HashingModel:
    keras.utils.set_random_seed(0)
    vectorization = TfidfVectorization(["red", "blue", "green"], [1.0, 2.0, 3.0])
    return HashingModel(
        vectorization, WISH(bits, 3, topic_dim=16, hidden_units=(8,), name="wish")
    )


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


def test_topics_are_words_with_weights_and_never_more_than_there_are():
    model = hashing_model()
    topics = model.topics(tf.constant([5]))
    assert topics["words"].shape == topics["weights"].shape == (1, 11, 3)
    weights = model.wish.decoder.word_gains().numpy()
    strongest = [["red", "blue", "green"][i] for i in weights.argmax(axis=1)]
    assert [w.decode() for w in topics["words"].numpy()[0, :, 0]] == strongest


def test_each_row_of_topics_has_as_many_words_as_it_asks_for():
    model = hashing_model()
    topics = model.topics(tf.constant([1, 2, 0]))
    whole = model.topics(tf.constant([2]))
    assert topics["words"].shape == topics["weights"].shape == (3, 11, 2)
    np.testing.assert_array_equal(topics["words"][1], whole["words"][0])
    np.testing.assert_array_equal(topics["words"][0, :, :1], whole["words"][0, :, :1])
    assert set(topics["words"].numpy()[0, :, 1]) == {b""}
    assert not topics["weights"].numpy()[2].any()
    assert model.topics(tf.zeros([0], tf.int32))["words"].shape == (0, 11, 0)


def test_save_and_load_give_identical_outputs(tmp_path):
    model = hashing_model()
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    for one, other in zip(
        tf.nest.flatten(model.hash_texts(TEXTS)),
        tf.nest.flatten(loaded.hash_texts(TEXTS)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
