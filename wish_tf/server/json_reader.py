"""JSON as TF-Serving reads it.

Differences from the `json` module: the first of duplicate keys wins, bytes after the
first value are ignored, half of a surrogate pair is an error, and strings may hold
bytes that are not UTF-8 (they come back as surrogate escapes).
"""

from __future__ import annotations

import json
import re
from typing import Any

from wish_tf.server.serving_error import invalid_argument

_BOM = b"\xef\xbb\xbf"
# Escapes in their order; a surrogate that has no other half is in the group.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F])|.)", re.DOTALL
)


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
    text = body.removeprefix(_BOM).decode("utf-8", "surrogateescape").lstrip(" \t\r\n")
    deep = invalid_argument("JSON Parse error: Nested too deeply.")
    try:
        value, _ = _DECODER.raw_decode(text)
    except RecursionError:
        raise deep from None
    except ValueError as error:
        raise invalid_argument(f"JSON Parse error: {error}") from None
    if b"\\u" in body and any(found[1] for found in _ESCAPE.finditer(body)):
        raise invalid_argument("JSON Parse error: half of a surrogate pair")
    # Most bodies have so few brackets that nothing needs to be walked.
    if body.count(b"[") + body.count(b"{") > max_depth and _is_deeper(value, max_depth):
        raise deep
    return value


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
    return value if len(value) == len(pairs) else RepeatedKeys(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
