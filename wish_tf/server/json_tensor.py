"""One JSON value (a number, a string, nested lists of them) as one array."""

from __future__ import annotations

import binascii
import dataclasses
import itertools
import re
from typing import Any

import numpy as np

from wish_tf.server.http_status import StatusCode
from wish_tf.server.json_reader import RepeatedKeys
from wish_tf.server.json_text import debug_json, json_type_name
from wish_tf.server.serving_error import ServingError, invalid_argument

_MAX_RANK = 64  # of a NumPy array
_BASE64 = re.compile(r"([A-Za-z0-9+/]*)([=.]*)")
_ASCII_SPACE = str.maketrans("", "", " \t\n\v\f\r")


@dataclasses.dataclass(frozen=True)
class _LeafKind:
    """Which JSON values a dtype takes, and the arrays they end up in."""

    python: frozenset[type]
    parsed: type  # dtype the values are collected in
    final: type  # dtype of the tensor
    bounds: tuple[int, int] | None = None


_NUMBER = frozenset({int, float})
_INT = frozenset({int})
_INT32 = (-(2**31), 2**31 - 1)
# int8 ... uint8 accept any 32-bit integer and keep its low bits: TF-Serving
# parses them all as `int` and casts.
_KINDS = {
    "float": _LeafKind(_NUMBER, np.float64, np.float32),
    "double": _LeafKind(_NUMBER, np.float64, np.float64),
    "int8": _LeafKind(_INT, np.int32, np.int8, _INT32),
    "int16": _LeafKind(_INT, np.int32, np.int16, _INT32),
    "int32": _LeafKind(_INT, np.int32, np.int32, _INT32),
    "uint8": _LeafKind(_INT, np.int32, np.uint8, _INT32),
    "int64": _LeafKind(_INT, np.int64, np.int64, (-(2**63), 2**63 - 1)),
    "uint32": _LeafKind(_INT, np.uint32, np.uint32, (0, 2**32 - 1)),
    "uint64": _LeafKind(_INT, np.uint64, np.uint64, (0, 2**64 - 1)),
    "bool": _LeafKind(frozenset({bool}), np.bool_, np.bool_),
    "string": _LeafKind(frozenset({str}), object, object),
}


def is_base64_object(value: Any) -> bool:
    """Whether a JSON value is exactly `{"b64": "<text>"}`."""
    return (
        isinstance(value, dict)
        and not isinstance(value, RepeatedKeys)
        and len(value) == 1
        and isinstance(value.get("b64"), str)
    )


def json_shape(value: Any) -> tuple[int, ...]:
    """Shape of nested lists, looking only at the first element of each."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    if len(shape) > _MAX_RANK:
        raise invalid_argument(
            f"Expecting at most {_MAX_RANK} nested lists but got: {len(shape)}"
        )
    return tuple(shape)


def tensor_from_json(value: Any, dtype: str) -> np.ndarray:
    """Converts a JSON value to an array.

    Args:
        value: A leaf or nested lists of leaves of one shape.
        dtype: TensorFlow's name of the dtype wanted, for example `float`.

    Returns:
        Array of the shape of the nested lists; `string` gives an object array
        of `bytes`.

    Raises:
        ServingError: If the lists are ragged or a leaf has the wrong type.
    """
    shape = json_shape(value)
    array = regular_tensor(value, shape, dtype)
    if array is None:
        array = leaves_to_array(collect_leaves(value, shape, dtype), dtype)
    return array.reshape(shape)


def regular_tensor(value: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray | None:
    """The quick way for a value that is as it should be.

    Args:
        value: JSON value.
        shape: Shape it must have.
        dtype: TensorFlow's name of the dtype.

    Returns:
        The leaves, [prod(shape)], or None if there is anything wrong (then
        `collect_leaves` finds what).
    """
    leaves = [value]
    for size in shape:
        if not all(type(item) is list and len(item) == size for item in leaves):
            return None
        leaves = list(itertools.chain.from_iterable(leaves))
    kind = _KINDS.get(dtype)
    if kind is None or not kind.python.issuperset(map(type, leaves)):
        return None
    if kind.bounds and leaves:
        low, high = kind.bounds
        if min(leaves) < low or max(leaves) > high:
            return None
    if dtype == "string":
        leaves = [_string_bytes(leaf) for leaf in leaves]
    return leaves_to_array(leaves, dtype)


def leaves_to_array(leaves: list[Any], dtype: str) -> np.ndarray:
    """Checked leaves as a flat array of the dtype."""
    # An unknown dtype gets here only without leaves: there was none to refuse.
    kind = _KINDS.get(dtype, _KINDS["float"])
    array: np.ndarray = np.empty(len(leaves), kind.parsed)
    array[:] = leaves
    if kind.parsed is kind.final:
        return array
    with np.errstate(over="ignore"):  # beyond float32 becomes infinite
        return array.astype(kind.final, copy=False)


def collect_leaves(value: Any, shape: tuple[int, ...], dtype: str) -> list[Any]:
    """The careful way: goes through the value in order up to the first fault.

    Args:
        value: JSON value.
        shape: Shape it must have.
        dtype: TensorFlow's name of the dtype.

    Returns:
        Leaves for `leaves_to_array`.

    Raises:
        ServingError: What is wrong with the first element that is.
    """
    leaves: list[Any] = []
    _collect(value, 0, shape, dtype, leaves)
    return leaves


def _collect(
    value: Any, level: int, shape: tuple[int, ...], dtype: str, leaves: list[Any]
) -> None:
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise invalid_argument(
                f"JSON Value: {debug_json(value)} found at incorrect level: "
                f"{level + 1} in the JSON DOM. Expected at level: {rank}"
            )
        leaves.append(_leaf(value, dtype))
        return
    if level >= rank:
        raise invalid_argument(
            f"Encountered list at unexpected level: {level} expected < {rank}"
        )
    if len(value) != shape[level]:
        raise invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for item in value:
        _collect(item, level + 1, shape, dtype, leaves)


def _leaf(value: Any, dtype: str) -> Any:
    kind = _KINDS.get(dtype)
    if isinstance(value, dict):
        if dtype == "string":
            return decode_base64(value)
    elif kind is None:
        raise ServingError(
            StatusCode.UNIMPLEMENTED,
            f"Conversion of JSON Value: {debug_json(value)} to type: {dtype}",
        )
    elif type(value) in kind.python and (
        kind.bounds is None or kind.bounds[0] <= value <= kind.bounds[1]
    ):
        return _string_bytes(value) if dtype == "string" else value
    raise invalid_argument(
        f"JSON Value: {debug_json(value)} Type: {json_type_name(value)} "
        f"is not of expected type: {dtype}"
    )


def _string_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def decode_base64(value: dict[str, Any]) -> bytes:
    if not is_base64_object(value):
        raise invalid_argument(
            f"JSON Value: {debug_json(value)} not formatted correctly for base64 data"
        )
    match = _BASE64.fullmatch(value["b64"].translate(_ASCII_SPACE))
    missing = -len(match[1]) % 4 if match else 3
    # Padding may be left out, but not in part.
    if match is None or missing == 3 or len(match[2]) not in (0, missing):
        raise invalid_argument("Unable to base64 decode")
    return binascii.a2b_base64(match[1] + "=" * missing)
