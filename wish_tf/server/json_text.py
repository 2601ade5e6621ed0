"""Writes JSON strings, and JSON values for error messages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from wish_tf.server.number_text import float_text

_MAX_DEBUG_BYTES = 256
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_INDENT = 4
_SPECIAL = re.compile(r'["\\\x00-\x1f]')
_ESCAPES = {code: f"\\u{code:04X}" for code in range(0x20)} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}
_TYPE_NAMES = {
    type(None): "Null",
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
}


def quote_json(text: str) -> str:
    """A JSON string literal; only quotes, backslashes and controls are escaped."""
    if _SPECIAL.search(text):
        text = text.translate(_ESCAPES)
    return f'"{text}"'


def json_type_name(value: Any) -> str:
    """The word TF-Serving uses for the type of a JSON value."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return "Object"
    return _TYPE_NAMES[type(value)]


def debug_json(value: Any) -> str:
    """A JSON value for an error message: indented, at most 256 bytes.

    A character that straddles the limit is dropped whole.
    """
    if isinstance(value, float):
        return float_text(np.float32(value) if abs(value) < _FLOAT32_MAX else value)
    parts = []
    size = 0
    for part in _pieces(value, 1):
        parts.append(part)
        size += len(part)
        if size >= _MAX_DEBUG_BYTES:
            break
    raw = "".join(parts).encode("utf-8", "surrogateescape")
    cut = raw[:_MAX_DEBUG_BYTES]
    return cut.decode("utf-8", "ignore" if len(cut) < len(raw) else "surrogateescape")


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """Lazy, so that a huge document costs only what is shown of it."""
    if isinstance(value, dict | list):
        is_object = isinstance(value, dict)
        yield "{" if is_object else "["
        separator = "\n"
        for item in value:
            yield separator + " " * (_INDENT * depth)
            separator = ",\n"
            if is_object:
                yield quote_json(item[:_MAX_DEBUG_BYTES]) + ": "
            yield from _pieces(value[item] if is_object else item, depth + 1)
        if value:
            yield "\n" + " " * (_INDENT * (depth - 1))
        yield "}" if is_object else "]"
    elif isinstance(value, str):
        yield quote_json(value[:_MAX_DEBUG_BYTES])
    elif value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, int) and -(2**63) <= value < 2**64:
        yield str(value)
    elif math.isfinite(number := float(value)):
        # Integers that need more than 64 bits are doubles to RapidJSON.
        yield repr(number)
    else:
        yield float_text(number)
