"""The body of a predict call as arrays, one per input of the signature."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from wish_tf.server.json_reader import RepeatedKeys
from wish_tf.server.json_tensor import (
    collect_leaves,
    is_base64_object,
    json_shape,
    leaves_to_array,
    regular_tensor,
    tensor_from_json,
)
from wish_tf.server.json_text import debug_json
from wish_tf.server.serving_error import ServingError, invalid_argument


@dataclasses.dataclass(frozen=True)
class PredictRequest:
    """A decoded predict call.

    Attributes:
        inputs: Array per input name.
        row_format: Whether it came as `instances` (else as `inputs`); the
            response has the same format.
    """

    inputs: dict[str, np.ndarray]
    row_format: bool


def signature_name(document: Any) -> str:
    """Checks the top level of the body and reads the optional signature name.

    Args:
        document: The parsed body.

    Returns:
        The name, or an empty string if the body names none.

    Raises:
        ServingError: If the body is not an object or the name not a string.
    """
    if not isinstance(document, dict):
        raise invalid_argument(f"JSON Value: {debug_json(document)} Is not object")
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"JSON Value: {debug_json(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    return name


def decode_predict(
    document: dict[str, Any], input_dtypes: Mapping[str, str]
) -> PredictRequest:
    """Decodes `instances` or `inputs`.

    Args:
        document: The parsed body, an object.
        input_dtypes: TensorFlow's dtype name per input of the signature.

    Returns:
        The inputs; ranks and shapes are not compared with the signature.

    Raises:
        ServingError: Worded as by TF-Serving.
    """
    if "instances" in document and "inputs" in document:
        raise invalid_argument(
            f"JSON Value: {debug_json(document)} Not formatted correctly expecting "
            "only one of 'inputs' or 'instances' keys to exist "
        )
    if "instances" in document:
        instances = document["instances"]
        if not isinstance(instances, list):
            raise invalid_argument(
                f"JSON Value: {debug_json(document)} Expecting 'instances' to be an "
                "list/array"
            )
        if not instances:
            raise invalid_argument(
                f"JSON Value: {debug_json(document)} No values in 'instances' array"
            )
        return PredictRequest(_from_instances(instances, input_dtypes), True)
    if "inputs" in document:
        return PredictRequest(_from_inputs(document["inputs"], input_dtypes), False)
    raise invalid_argument("Missing 'inputs' or 'instances' key")


def _from_inputs(value: Any, dtypes: Mapping[str, str]) -> dict[str, np.ndarray]:
    if isinstance(value, dict) and not is_base64_object(value):
        tensors = {}
        for name in sorted(dtypes):
            if name not in value:
                raise invalid_argument(
                    f"Missing named input: {name} in 'inputs' object."
                )
            tensors[name] = tensor_from_json(value[name], dtypes[name])
        return tensors
    if len(dtypes) > 1:
        raise invalid_argument(
            "inputs is a plain value/list, but expecting an object as multiple "
            "input tensors required as per tensorinfo_map"
        )
    ((name, dtype),) = dtypes.items()
    return {name: tensor_from_json(value, dtype)}


def _is_row_object(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64_object(value)


def _from_instances(
    instances: list[Any], dtypes: Mapping[str, str]
) -> dict[str, np.ndarray]:
    if not isinstance(instances[0], dict) and len(dtypes) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map"
        )
    tensors = regular_instances(instances, dtypes)
    return _InstancesReader(dtypes).read(instances) if tensors is None else tensors


def regular_instances(
    instances: list[Any], dtypes: Mapping[str, str]
) -> dict[str, np.ndarray] | None:
    """The quick way for instances that are as they should be.

    Args:
        instances: At least one.
        dtypes: TensorFlow's dtype name per input of the signature.

    Returns:
        Array per input name, or None if there is anything wrong (then
        `decode_predict` says what).

    Raises:
        ServingError: If lists are nested deeper than an array can be.
    """
    if not isinstance(instances[0], dict) and len(dtypes) > 1:
        return None
    columns = _columns(instances, dtypes)
    if columns is None:
        return None
    tensors = {}
    for name, values in columns.items():
        shape = json_shape(values)
        flat = regular_tensor(values, shape, dtypes[name])
        if flat is None:
            return None
        tensors[name] = flat.reshape(shape)
    return tensors


def _columns(
    instances: list[Any], dtypes: Mapping[str, str]
) -> dict[str, list[Any]] | None:
    """Values per input, or None if the instances are not all of one form."""
    if _is_row_object(instances[0]):
        keys = dtypes.keys()
        if not all(type(item) is dict and item.keys() == keys for item in instances):
            return None
        return {name: [item[name] for item in instances] for name in dtypes}
    return {min(dtypes): instances}


class _InstancesReader:
    """Reads instances one by one, so that the first fault is the one reported."""

    def __init__(self, dtypes: Mapping[str, str]) -> None:
        self._dtypes = dtypes
        self._leaves: dict[str, list[Any]] = {}
        self._sizes: dict[str, int] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def read(self, instances: list[Any]) -> dict[str, np.ndarray]:
        objects = _is_row_object(instances[0])
        for index, item in enumerate(instances):
            if objects:
                self._add_object(index, item)
            elif _is_row_object(item):
                raise invalid_argument(
                    f"Expecting value/list but got object at item {index} of input list"
                )
            else:
                self._add(
                    f"Failed to process element: {index}", min(self._dtypes), item
                )
        return {
            name: leaves_to_array(leaves, self._dtypes[name]).reshape(
                len(instances), *self._shapes[name]
            )
            for name, leaves in self._leaves.items()
        }

    def _add_object(self, index: int, item: Any) -> None:
        if not _is_row_object(item):
            raise invalid_argument(
                f"Expecting object but got list at item {index} of input list"
            )
        for name, value in item.items():
            self._add(f"Failed to process element: {index} key: {name}", name, value)
        if item.keys() != self._dtypes.keys() or isinstance(item, RepeatedKeys):
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. "
                f"JSON object: {debug_json(item)} keys must be equal to: "
                + ",".join(sorted(self._dtypes))
            )

    def _add(self, where: str, name: str, value: Any) -> None:
        try:
            self._add_value(name, value)
        except ServingError as error:
            raise invalid_argument(
                f"{where} of 'instances' list. Error: {error}"
            ) from None

    def _add_value(self, name: str, value: Any) -> None:
        if name not in self._dtypes:
            raise invalid_argument(f"JSON object: does not have named input: {name}")
        shape = json_shape(value)
        leaves = collect_leaves(value, shape, self._dtypes[name])
        size = self._sizes.setdefault(name, len(leaves))
        first_shape = self._shapes.setdefault(name, shape)
        if size != len(leaves):
            raise invalid_argument(
                f"Expecting tensor size: {size} but got: {len(leaves)}"
            )
        if first_shape != shape:
            raise invalid_argument(
                f"Expecting shape {_shape_text(first_shape)} "
                f"but got: {_shape_text(shape)}"
            )
        self._leaves.setdefault(name, []).extend(leaves)


def _shape_text(shape: tuple[int, ...]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"
