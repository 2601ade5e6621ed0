from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from wish_tf.server.predict_message import array_from_message, array_to_message
from wish_tf.server.serving_error import ServingError


@pytest.mark.parametrize(
    ("array", "field"),
    [
        (np.array([[1.5, -np.inf]], np.float32), "float_val"),
        (np.array(2.5), "double_val"),
        (np.array([-1], np.int8), "int_val"),
        (np.array([7], np.uint8), "int_val"),
        (np.array([2**40]), "int64_val"),
        (np.array([2**63], np.uint64), "uint64_val"),
        (np.array([True, False]), "bool_val"),
        (np.array([b"\xff", b""], object), "string_val"),
        (np.zeros((0, 3), np.float32), "float_val"),
    ],
)
def test_values_are_in_the_field_of_their_type(array: np.ndarray, field: str):
    message = array_to_message(array)
    assert len(getattr(message, field)) == array.size
    assert not message.tensor_content
    back = array_from_message(message, "x", 1000)
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tolist() == array.tolist()


def test_messages_that_are_not_sound():
    short = tf.make_tensor_proto(np.arange(6.0).reshape(2, 3))
    short.tensor_content = b"abc"
    unknown = tf.make_tensor_proto([1.0])
    unknown.dtype = 0
    for message in (short, unknown):
        with pytest.raises(ServingError) as caught:
            array_from_message(message, "x", 1000)
        assert str(caught.value) == "INVALID_ARGUMENT: tensor parsing error: x"


def test_a_text_that_stands_for_many_is_counted_as_often():
    message = tf.make_tensor_proto([b"x" * 1000, b"y" * 100], tf.string)
    assert array_from_message(message, "x", 16).tolist() == [b"x" * 1000, b"y" * 100]
    message.tensor_shape.dim[0].size = 5
    found = array_from_message(message, "x", 340)
    assert found.tolist() == [b"x" * 1000, *[b"y" * 100] * 4]
    with pytest.raises(ServingError, match="at most 339 bytes in input x; got 340"):
        array_from_message(message, "x", 339)
