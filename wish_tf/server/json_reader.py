"""JSON as TF-Serving reads it.

Differences from the `json` module: the first of duplicate keys wins, bytes after the
first value are ignored, a number too big for a double and a lone surrogate are errors,
and strings may hold bytes that are not UTF-8 (they come back as surrogate escapes).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from wish_tf.server.serving_error import ServingError, invalid_argument

_BOM = b"\xef\xbb\xbf"
# Escapes in their order; a surrogate that has no other half is in the group.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F])|.)", re.DOTALL
)
_NUMBER_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
# Shapes of all numbers that can be too big for a double: fewer than 200 digits
# with an exponent below 100 cannot.
_BIG_NUMBERS = (b"0e000", b"0e+000", b"0" * 200)


class RepeatedKeys(dict[str, Any]):
    """A JSON object that named a key twice; the first value is kept."""


def read_json(body: bytes, max_depth: int = 100) -> Any:
    """Reads the first JSON value of a request body.

    Args:
        body: Raw bytes of the body.
        max_depth: Most lists and objects within each other.

    Returns:
        The value: dict, list, str, int, float, bool or None.

    Raises:
        ServingError: INVALID_ARGUMENT `JSON Parse error: ...`.
    """
    shapes = body.translate(_NUMBER_SHAPE)
    big = any(shape in shapes for shape in _BIG_NUMBERS)
    text = body.removeprefix(_BOM).decode("utf-8", "surrogateescape").lstrip(" \t\r\n")
    try:
        value, _ = (_CAREFUL if big else _DECODER).raw_decode(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise invalid_argument(f"JSON Parse error: {error}") from None
    if b"\\u" in body and any(found[1] for found in _ESCAPE.finditer(body)):
        raise invalid_argument("JSON Parse error: half of a surrogate pair")
    # Most bodies have so few brackets that nothing needs to be walked.
    if body.count(b"[") + body.count(b"{") > max_depth and _is_deeper(value, max_depth):
        raise _too_deep()
    return value


def _too_deep() -> ServingError:
    return invalid_argument("JSON Parse error: Nested too deeply.")


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects lie more than `depth` within each other."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in [None, *(item.values() if isinstance(item, dict) else item)]
        ]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    return RepeatedKeys(reversed(pairs))


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("Number too big to be stored in double.")
    return number


def _whole(digits: str) -> int:
    _finite(digits)
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_int=_whole
)
