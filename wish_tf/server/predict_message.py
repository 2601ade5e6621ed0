"""Tensors and answers of gRPC calls and of warm-up files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from wish_tf.server.servable import DEFAULT_SIGNATURE, Servable
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

_FIELDS = {
    **dict.fromkeys(("int8", "int16", "int32", "uint8"), "int_val"),
    **{name: f"{name}_val" for name in ("int64", "uint32", "uint64", "bool")},
    **{"float32": "float_val", "float64": "double_val", "object": "string_val"},
}


def read_predict(
    servable: Servable, request: Any, max_bytes: int
) -> tuple[str, dict[str, np.ndarray]]:
    """Returns signature and array per input of a `tensorflow.serving.PredictRequest`.

    Args:
        servable: The version to run.
        request: The message.
        max_bytes: Largest array to make of a tensor. A message can be far smaller
            than its array: one value stands for any number of equal ones.

    Raises:
        ServingError: If there is no such signature, if it has other inputs or outputs,
            or if a tensor is not sound or too large.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    if name not in servable.signatures:
        raise ServingError(
            StatusCode.FAILED_PRECONDITION,
            f"expected a signature of the model; got {name}",
        )
    servable.check_input_names(name, request.inputs)
    wanted, there = list(request.output_filter), servable.signatures[name].outputs
    if len({*wanted} & there.keys()) < len(wanted):
        raise invalid_argument(
            f"expected different outputs of {', '.join(sorted(there))} as "
            f"output_filter; got {', '.join(wanted)}"
        )
    return name, {
        key: array_from_message(message, key, max_bytes)
        for key, message in request.inputs.items()
    }


def write_predict(
    servable: Servable, request: Any, name: str, outputs: Mapping[str, np.ndarray]
) -> Any:
    """Returns the `PredictResponse`, with the outputs that `output_filter` names."""
    from tensorflow_serving.apis import predict_pb2

    response = predict_pb2.PredictResponse()
    response.model_spec.name = request.model_spec.name
    response.model_spec.signature_name = name
    response.model_spec.version.value = servable.version
    for key in request.output_filter or outputs:
        response.outputs[key].CopyFrom(array_to_message(outputs[key]))
    return response


def array_from_message(message: Any, name: str, max_bytes: int) -> np.ndarray:
    """Reads a `TensorProto`; strings become an object array of `bytes`.

    Raises:
        ServingError: INVALID_ARGUMENT if the message is not sound or its array larger
            than `max_bytes`.
    """
    elements = math.prod(dim.size for dim in message.tensor_shape.dim)
    texts = message.string_val
    try:
        width = np.dtype(tf.dtypes.as_dtype(message.dtype).as_numpy_dtype).itemsize
        size = elements * width
        if texts:
            # The last one stands for itself again as often as there are places, and
            # TensorFlow copies each.
            size += max(0, elements - len(texts)) * len(texts[-1])
        if size <= max_bytes:
            return tf.make_ndarray(message)
    except (TypeError, ValueError) as error:
        raise invalid_argument(f"tensor parsing error: {name}") from error
    raise invalid_argument(
        f"expected at most {max_bytes} bytes in input {name}; got {size}"
    )


def array_to_message(array: np.ndarray) -> Any:
    """Returns a `TensorProto` with its values in the field of their type."""
    field = _FIELDS.get(array.dtype.name)
    if field is None:  # half precision, complex and quantised numbers
        return tf.make_tensor_proto(array)
    dtype = tf.string if field == "string_val" else tf.dtypes.as_dtype(array.dtype)
    message = tf.make_tensor_proto([], dtype, shape=[0])
    message.tensor_shape.CopyFrom(tf.TensorShape(array.shape).as_proto())
    message.ClearField("tensor_content")
    getattr(message, field).extend(array.reshape(-1).tolist())
    return message
