"""The body of a classify or regress call."""

from __future__ import annotations

from typing import Any

from wish_tf.server.json_tensor import decode_base64, is_base64_object
from wish_tf.server.json_text import debug_json, json_type_name
from wish_tf.server.serving_error import ServingError, invalid_argument

_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)


def check_examples(document: dict[str, Any]) -> None:
    """Refuses a body that is no list of examples.

    TF-Serving reads the examples before it looks for the model, so that their
    faults are the first to be reported.

    Args:
        document: The parsed body, an object.

    Raises:
        ServingError: INVALID_ARGUMENT, worded as by TF-Serving.
    """
    if "context" in document:
        _check_example(document["context"])
    if "examples" not in document:
        raise _fault(
            document,
            "When method is classify, key 'examples' is expected and was not found",
        )
    examples = document["examples"]
    if not isinstance(examples, list):
        raise _fault(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise _fault(document, "'examples' value is an empty array")
    for example in examples:
        _check_example(example)


def _fault(document: dict[str, Any], text: str) -> ServingError:
    return invalid_argument(f"JSON Value: {debug_json(document)} {text}")


def _check_example(example: Any) -> None:
    if not isinstance(example, dict):
        raise invalid_argument(
            f"Example must be JSON object but got JSON {json_type_name(example)}"
        )
    for name, content in example.items():
        kind = None
        for value in content if isinstance(content, list) else [content]:
            kind = _check_value(name, value, kind)


def _check_value(name: str, value: Any, expected: str | None) -> str:
    """Checks one value of a feature; all must be of the kind of the first."""
    if isinstance(value, bool):
        kind = "int64"
    elif isinstance(value, str) or is_base64_object(value):
        kind = "bytes"
    elif isinstance(value, int) and (value in _INT64 or value in _UINT64):
        kind = "int64"
    elif isinstance(value, int | float):  # larger integers are doubles
        kind = "float"
    else:
        raise invalid_argument(
            f"Feature: {name} has element with unexpected JSON type: "
            f"{json_type_name(value)}"
        )
    if expected not in (None, kind):
        raise invalid_argument(
            f"Unexpected element type in feature: {name} expecting type: {expected}"
        )
    if isinstance(value, int) and kind == "int64" and value not in _INT64:
        raise invalid_argument(
            f"Feature: {name} has uint64 element. Only int64 is supported."
        )
    if isinstance(value, dict):
        decode_base64(value)
    return kind
