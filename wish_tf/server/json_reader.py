"""JSON as TF-Serving reads it.

Differences from the `json` module: the first of duplicate keys wins, bytes
after the first value are ignored, `Inf` and `-NaN` are numbers, a number too
big for a double and a lone surrogate are errors, strings may hold bytes that
are not UTF-8 (they come back as surrogate escapes), and errors are worded, and
located by byte, as by the RapidJSON reader that TF-Serving uses.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from wish_tf.server.serving_error import ServingError, invalid_argument

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(rb"[0-9]*")
_HEX4 = re.compile(rb"[0-9A-Fa-f]{4}")
_ESCAPES = {
    ord(key): value for key, value in zip('"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True)
}
_LITERALS = {ord("n"): (b"null", None), ord("t"): (b"true", True)}
_LITERALS[ord("f")] = (b"false", False)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
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
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        value = _read(body)
    except RecursionError:
        raise _too_deep() from None
    # Most bodies have so few brackets that nothing needs to be walked.
    if body.count(b"[") + body.count(b"{") > max_depth and _is_deeper(value, max_depth):
        raise _too_deep()
    return value


def _too_deep() -> ServingError:
    return invalid_argument("JSON Parse error: Nested too deeply.")


def read_plain_json(body: bytes, max_depth: int = 100) -> Any:
    """Reads a body that is plainly right, in little time.

    Args:
        body: As of `read_json`.
        max_depth: As of `read_json`.

    Returns:
        What `read_json` returns, or None if only that can tell.
    """
    if body.count(b"[") + body.count(b"{") > max_depth or _is_doubtful(body):
        return None
    try:
        return _read_fast(body)
    except (ValueError, RecursionError):
        return None


def _read(body: bytes) -> Any:
    if not _is_doubtful(body):
        try:
            return _read_fast(body)
        except ValueError:
            pass  # the careful reader knows the words and the offset
    return _CarefulReader(body).read()


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects lie more than `depth` within each other."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            item.values() if isinstance(item, dict) else item
            for item in level
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
        level = [child for items in level for child in items]
    return True


def _is_doubtful(body: bytes) -> bool:
    """Whether the fast reader might accept what RapidJSON refuses.

    That is a surrogate that is alone, or a number too big for a double. Costs
    little, whatever the body: it searches for fixed strings.
    """
    if b"\\u" in body and _SURROGATE.search(body):
        return True
    shapes = body.translate(_NUMBER_SHAPE)
    return any(shape in shapes for shape in _BIG_NUMBERS)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    first = RepeatedKeys()
    for name, member in pairs:
        first.setdefault(name, member)
    return first


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _read_fast(body: bytes) -> Any:
    text = body.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    return _DECODER.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))[0]


class _CarefulReader:
    """Recursive descent reader; slower, used when the fast one fails."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = len(_BOM) if body.startswith(_BOM) else 0

    def read(self) -> Any:
        self._skip_space()
        if self._peek() == 0:
            raise self._error("The document is empty.")
        return self._value()

    def _peek(self) -> int:
        # The end of the body reads as NUL, as in RapidJSON's streams.
        return self._body[self._at] if self._at < len(self._body) else 0

    def _consume(self, text: bytes) -> bool:
        """Moves past `text`, or up to its first byte that does not match."""
        for byte in text:
            if self._peek() != byte:
                return False
            self._at += 1
        return True

    def _take(self, pattern: re.Pattern[bytes]) -> bytes:
        match = pattern.match(self._body, self._at)
        assert match is not None, "each of the patterns matches nothing, too"
        self._at = match.end()
        return match.group()

    def _skip_space(self) -> None:
        self._take(_SPACE)

    def _error(self, text: str, offset: int | None = None) -> ServingError:
        offset = self._at if offset is None else offset
        return invalid_argument(f"JSON Parse error: {text} at offset: {offset}")

    def _value(self) -> Any:
        byte = self._peek()
        if byte == ord("{"):
            return self._members()
        if byte == ord("["):
            return self._elements()
        if byte == ord('"'):
            return self._string()
        if byte in _LITERALS:
            word, value = _LITERALS[byte]
            if not self._consume(word):
                raise self._error("Invalid value.")
            return value
        return self._number()

    def _members(self) -> dict[str, Any]:
        self._at += 1
        pairs = []
        self._skip_space()
        if self._consume(b"}"):
            return {}
        while True:
            if self._peek() != ord('"'):
                raise self._error("Missing a name for object member.")
            name = self._string()
            self._skip_space()
            if not self._consume(b":"):
                raise self._error("Missing a colon after a name of object member.")
            self._skip_space()
            pairs.append((name, self._value()))
            self._skip_space()
            if self._consume(b"}"):
                return _object(pairs)
            if not self._consume(b","):
                raise self._error("Missing a comma or '}' after an object member.")
            self._skip_space()

    def _elements(self) -> list[Any]:
        self._at += 1
        values: list[Any] = []
        self._skip_space()
        if self._consume(b"]"):
            return values
        while True:
            values.append(self._value())
            self._skip_space()
            if self._consume(b"]"):
                return values
            if not self._consume(b","):
                raise self._error("Missing a comma or ']' after an array element.")
            self._skip_space()

    def _string(self) -> str:
        self._at += 1
        parts = []
        while True:
            parts.append(self._take(_PLAIN))
            byte = self._peek()
            if byte == ord('"'):
                self._at += 1
                return b"".join(parts).decode("utf-8", "surrogateescape")
            if byte == ord("\\"):
                parts.append(self._escape())
            elif byte == 0:
                raise self._error("Missing a closing quotation mark in string.")
            else:
                raise self._error("Invalid escape character in string.")

    def _escape(self) -> bytes:
        start = self._at
        self._at += 1
        byte = self._peek()
        if byte in _ESCAPES:
            self._at += 1
            return bytes([_ESCAPES[byte]])
        if byte != ord("u"):
            raise self._error("Invalid escape character in string.", start)
        self._at += 1
        code = self._hex4(start)
        if 0xD800 <= code <= 0xDFFF:
            low = 0
            if code < 0xDC00 and self._consume(b"\\u"):
                low = self._hex4(start)
            if not 0xDC00 <= low <= 0xDFFF:
                raise self._error("The surrogate pair in string is invalid.", start)
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code).encode()

    def _hex4(self, start: int) -> int:
        match = _HEX4.match(self._body, self._at)
        if match is None:
            raise self._error("Incorrect hex digit after \\u escape in string.", start)
        self._at = match.end()
        return int(match.group(), 16)

    def _number(self) -> int | float:
        start = self._at
        minus = self._consume(b"-")
        if self._peek() in b"NI":
            return -self._not_finite() if minus else self._not_finite()
        # A leading zero is a whole number by itself, as JSON has it.
        if not self._consume(b"0") and not self._take(_DIGITS):
            raise self._error("Invalid value.")
        whole = True
        if self._consume(b"."):
            whole = False
            if not self._take(_DIGITS):
                raise self._error("Miss fraction part in number.")
        if self._peek() in b"eE":
            whole = False
            self._at += 1
            if self._peek() in b"+-":
                self._at += 1
            if not self._take(_DIGITS):
                raise self._error("Miss exponent in number.")
        text = self._body[start : self._at]
        value = float(text)
        if math.isinf(value):
            raise self._error("Number too big to be stored in double.", start)
        return int(text) if whole else value

    def _not_finite(self) -> float:
        if self._consume(b"N"):
            value, rest = math.nan, b"aN"
        else:
            self._at += 1
            value, rest = math.inf, b"nf"
        ok = self._consume(rest)
        if ok and value == math.inf and self._peek() == ord("i"):
            ok = self._consume(b"inity")
        if not ok:
            raise self._error("Invalid value.")
        return value
