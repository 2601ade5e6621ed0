"""Arrays and `TensorProto` messages, as TF-Serving reads and writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from wish_tf.server.serving_error import invalid_argument

_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int8": "int_val",
    "int16": "int_val",
    "int32": "int_val",
    "uint8": "int_val",
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "bool": "bool_val",
    "object": "string_val",
}


def array_from_message(message: Any, name: str, max_bytes: int) -> np.ndarray:
    """Reads a tensor.

    Args:
        message: A `TensorProto`.
        name: Name of the input, for the error.
        max_bytes: Largest array to make. A message can be far smaller than its
            array: one value stands for any number of equal ones.

    Returns:
        The array; strings are an object array of `bytes`.

    Raises:
        ServingError: INVALID_ARGUMENT if the message is not sound or too large.
    """
    elements = math.prod(dim.size for dim in message.tensor_shape.dim)
    try:
        width = np.dtype(tf.dtypes.as_dtype(message.dtype).as_numpy_dtype).itemsize
        size = elements * width + _repeated_bytes(message.string_val, elements)
        if size <= max_bytes:
            return tf.make_ndarray(message)
    except (TypeError, ValueError) as error:
        raise invalid_argument(f"tensor parsing error: {name}") from error
    raise invalid_argument(
        f"Expecting at most {max_bytes} bytes in input {name} but got: {size}"
    )


def _repeated_bytes(texts: Sequence[bytes], elements: int) -> int:
    """Returns how long the texts are that a message only counts: as often as there are
    places, the last one stands for itself again, and TensorFlow copies each."""
    return max(0, elements - len(texts)) * len(texts[-1]) if texts else 0


def array_to_message(array: np.ndarray) -> Any:
    """Writes a tensor, its values in the field of their type.

    Args:
        array: Any array that a session returns.

    Returns:
        A `TensorProto`.
    """
    field = _FIELDS.get(array.dtype.name)
    if field is None:  # half precision, complex and quantised numbers
        return tf.make_tensor_proto(array)
    dtype = tf.string if field == "string_val" else tf.dtypes.as_dtype(array.dtype)
    message = tf.make_tensor_proto([], dtype, shape=[0])
    message.tensor_shape.CopyFrom(tf.TensorShape(array.shape).as_proto())
    message.ClearField("tensor_content")
    getattr(message, field).extend(array.reshape(-1).tolist())
    return message
