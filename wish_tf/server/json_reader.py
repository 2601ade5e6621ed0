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


def read_json(body: bytes) -> Any:
    """Reads the first JSON value of a request body: dict, list, str, int and so on.

    Raises:
        ServingError: INVALID_ARGUMENT `JSON Parse error: ...`.
    """
    text = body.removeprefix(_BOM).decode("utf-8", "surrogateescape").lstrip(" \t\r\n")
    try:
        value, _ = _DECODER.raw_decode(text)
    except (RecursionError, ValueError) as error:
        raise invalid_argument(f"JSON Parse error: {error}") from None
    if b"\\u" in body and any(found[1] for found in _ESCAPE.finditer(body)):
        raise invalid_argument("JSON Parse error: half of a surrogate pair")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedKeys(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
