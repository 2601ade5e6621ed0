"""The body of a predict call as arrays, one per input of the signature."""

from __future__ import annotations

import base64
import itertools
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from wish_tf.server.json_reader import RepeatedKeys
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

_MAX_RANK = 64  # of a NumPy array


class _LeafKind(NamedTuple):
    """Which JSON values a dtype takes, and the arrays they end up in."""

    python: frozenset[Any]
    parsed: type  # dtype the values are collected in
    final: type  # dtype of the tensor
    low: float = -math.inf
    high: float = math.inf


_NUMBER = frozenset([int, float])
_INT = frozenset([int])
_OBJECT: frozenset[Any] = frozenset({dict, RepeatedKeys})  # type: ignore[arg-type]


def _int32(final: type) -> _LeafKind:
    # TF-Serving parses all that are no larger as `int`, and keeps the low bits.
    return _LeafKind(_INT, np.int32, final, -(2**31), 2**31 - 1)


_KINDS = {
    "float": _LeafKind(_NUMBER, np.float64, np.float32),
    "double": _LeafKind(_NUMBER, np.float64, np.float64),
    "int8": _int32(np.int8),
    "int16": _int32(np.int16),
    "int32": _int32(np.int32),
    "uint8": _int32(np.uint8),
    "int64": _LeafKind(_INT, np.int64, np.int64, -(2**63), 2**63 - 1),
    "uint32": _LeafKind(_INT, np.uint32, np.uint32, 0, 2**32 - 1),
    "uint64": _LeafKind(_INT, np.uint64, np.uint64, 0, 2**64 - 1),
    "bool": _LeafKind(frozenset([bool]), np.bool_, np.bool_),
    "string": _LeafKind(_OBJECT | {str}, object, object),
}


def signature_name(document: Any) -> str:
    """Returns the signature that a parsed body names; an empty string if none.

    Raises:
        ServingError: If the body is not an object or the name not a string.
    """
    if not isinstance(document, dict):
        raise invalid_argument(f"expected a JSON object; got {_shown(document)}")
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"expected a string as 'signature_name'; got {_shown(name)}"
        )
    return name


def decode_predict(
    document: dict[str, Any], dtypes: Mapping[str, str]
) -> tuple[dict[str, np.ndarray], bool]:
    """Decodes `instances` or `inputs`.

    Args:
        document: The parsed body, an object.
        dtypes: TensorFlow's dtype name (`float`, `string`) per input of the signature.

    Returns:
        Array per input name, of any shape, and whether the body was in the row format,
        `instances`: the response has the same.

    Raises:
        ServingError: If the body has none of the forms that TF-Serving takes.
    """
    if ("instances" in document) == ("inputs" in document):
        got = "both" if "inputs" in document else "none"
        raise invalid_argument(f"expected one of 'instances' and 'inputs'; got {got}")
    if "inputs" in document:
        return _from_columns(document["inputs"], dtypes), False
    instances = document["instances"]
    if not isinstance(instances, list) or not instances:
        raise invalid_argument(
            "expected a list of one or more as 'instances'; got "
            f"{'none' if instances == [] else _shown(instances)}"
        )
    try:
        return _from_rows(instances, dtypes), True
    except ServingError as error:
        # As in TF-Serving, whatever the code was.
        raise invalid_argument(error.message) from None


def check_examples(document: dict[str, Any]) -> None:
    """Refuses the body of a classify or regress call without a list of examples."""
    examples = document.get("examples")
    kinds = set(map(type, examples)) if isinstance(examples, list) else {str}
    if not kinds or kinds - _OBJECT:
        raise invalid_argument("expected a list of objects as 'examples'")


def _from_columns(value: Any, dtypes: Mapping[str, str]) -> dict[str, np.ndarray]:
    if not _is_row_object(value):
        return _from_single(value, dtypes, "inputs")
    missing = [name for name in sorted(dtypes) if name not in value]
    if missing:
        raise invalid_argument(f"expected '{missing[0]}' in 'inputs'; got none")
    return {name: array_from_json(value[name], dtypes[name], name) for name in dtypes}


def _from_rows(
    instances: list[Any], dtypes: Mapping[str, str]
) -> dict[str, np.ndarray]:
    are_objects = _is_row_object(instances[0])
    if not _OBJECT.isdisjoint(map(type, instances)):
        others = [item for item in instances if _is_row_object(item) is not are_objects]
        if others:
            raise invalid_argument(
                "expected either objects or values as 'instances'; got "
                f"{_shown(others[0])} beside others"
            )
    if not are_objects:
        return _from_single(instances, dtypes, "instances")
    keys = dtypes.keys()
    for item in instances:
        if item.keys() != keys or type(item) is RepeatedKeys:
            raise invalid_argument(
                f"expected the keys {', '.join(sorted(keys))}, each once, in each of "
                f"'instances'; got {', '.join(map(repr, item)) or 'none'}"
            )
    return {
        name: array_from_json([item[name] for item in instances], dtype, name)
        for name, dtype in dtypes.items()
    }


def _from_single(
    value: Any, dtypes: Mapping[str, str], key: str
) -> dict[str, np.ndarray]:
    if len(dtypes) > 1:
        raise invalid_argument(
            f"expected objects that name the inputs {', '.join(sorted(dtypes))} as "
            f"'{key}'; got values without names"
        )
    ((name, dtype),) = dtypes.items()
    return {name: array_from_json(value, dtype, name)}


def array_from_json(value: Any, dtype: str, name: str) -> np.ndarray:
    """Converts nested lists of one shape, of a dtype in TensorFlow's name, to an array.

    Texts become an object array of `bytes`. The name is for errors.

    Raises:
        ServingError: If the lists are ragged or a leaf has the wrong type.
    """
    if dtype == "string" and type(value) is list and set(map(type, value)) == {str}:
        return _objects([_bytes(text) for text in value])
    shape = _first_shape(value)
    leaves = [value]
    for depth, size in enumerate(shape):
        for item in leaves:
            if type(item) is not list or len(item) != size:
                raise invalid_argument(
                    f"expected lists of {size} at depth {depth} of input {name}; got "
                    f"{_shown(item)}"
                )
        leaves = list(itertools.chain.from_iterable(leaves))
    # An unknown dtype without leaves: there is none to refuse.
    kind = _KINDS.get(dtype, _KINDS["float"])
    if leaves and dtype not in _KINDS:
        raise ServingError(
            StatusCode.UNIMPLEMENTED,
            f"JSON has no values of type {dtype}, input {name}",
        )
    if not _are_right(leaves, kind):
        wrong = [leaf for leaf in leaves if not _are_right([leaf], kind)]
        raise invalid_argument(
            f"expected values of type {dtype} in input {name}; got {_shown(wrong[0])}"
        )
    if dtype == "string":
        return _objects([_bytes(leaf) for leaf in leaves]).reshape(shape)
    array: np.ndarray = np.empty(len(leaves), kind.parsed)
    try:
        array[:] = leaves
    except OverflowError:
        raise invalid_argument(
            f"expected numbers that a double can hold in input {name}; got a larger one"
        ) from None
    with np.errstate(over="ignore"):  # beyond float32 becomes infinite
        return array.astype(kind.final, copy=False).reshape(shape)


def _objects(leaves: list[bytes]) -> np.ndarray:
    array = np.empty(len(leaves), object)
    array[:] = leaves
    return array


def _are_right(leaves: list[Any], kind: _LeafKind) -> bool:
    if not kind.python.issuperset(map(type, leaves)):
        return False
    if not leaves or kind.high == math.inf:
        return True
    return kind.low <= min(leaves) and max(leaves) <= kind.high


def _first_shape(value: Any) -> tuple[int, ...]:
    """Returns the shape of nested lists by the first element of each."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    if len(shape) > _MAX_RANK:
        raise invalid_argument(
            f"expected at most {_MAX_RANK} nested lists; got {len(shape)}"
        )
    return tuple(shape)


def _shown(value: Any) -> str:
    """Returns a value as an error shows it: in few characters, whatever it is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        value = value[:60]
    return json.dumps(value, ensure_ascii=False)[:80]


def _is_row_object(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64_object(value)


def is_base64_object(value: Any) -> bool:
    """Whether a JSON value is exactly `{"b64": "<text>"}`."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def _bytes(leaf: str | dict[str, Any]) -> bytes:
    if isinstance(leaf, str):
        return leaf.encode("utf-8", "surrogateescape")
    if not is_base64_object(leaf):
        raise invalid_argument('expected {"b64": "..."} for bytes; got another object')
    text = leaf["b64"]
    try:
        # Padding may be left out.
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        text = "expected base64 in an object b64; got something else"
        raise invalid_argument(text) from None
