import hashlib

import numpy as np

from wish_tf.saved_model.fingerprints import vocabulary_sha256, weights_sha256


def test_the_vocabulary_is_hashed_as_described():
    expected = hashlib.sha256(
        "naïve\nred blue\n".encode() + b"\0\0\x80?" + b"\0\0\0@"
    ).hexdigest()
    assert vocabulary_sha256(["naïve", "red blue"], np.array([1.0, 2.0])) == expected


def test_every_part_of_a_vocabulary_counts():
    hashes = {
        vocabulary_sha256(words, np.array(weights))
        for words, weights in [
            (["a", "b"], [1, 2]),
            (["b", "a"], [1, 2]),
            (["ab"], [1, 2]),
            (["a", "b"], [2, 1]),
            (["a", "b"], [1, 2.001]),
        ]
    }
    assert len(hashes) == 5


def test_the_weights_are_hashed_as_described():
    weights = [np.array([[1.0], [2.0]], np.float32), np.array(3, np.int64)]
    expected = hashlib.sha256(
        b"<f4 (2, 1)\n\0\0\x80?\0\0\0@" + b"<i8 ()\n\x03" + b"\0" * 7
    ).hexdigest()
    assert weights_sha256(weights) == expected
    big_endian = [weight.astype(weight.dtype.newbyteorder(">")) for weight in weights]
    assert weights_sha256(big_endian) == expected


def test_the_order_in_memory_does_not_count():
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    columns_first = np.asfortranarray(weights)
    assert weights_sha256([columns_first]) == weights_sha256([weights])


def test_shape_order_and_values_of_weights_count():
    a, b = np.zeros((2, 3), np.float32), np.ones(3, np.float32)
    hashes = {
        weights_sha256(weights)
        for weights in ([a, b], [b, a], [a.T, b], [a, b * 2], [a], [a, b.astype(int)])
    }
    assert len(hashes) == 6
