"""What a call of the page asks for."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from wish_tf.server.json_reader import read_json
from wish_tf.server.limits import Limits
from wish_tf.server.serving_error import invalid_argument

_CODE = re.compile(r"[01]+", re.ASCII)
_LAST_START = 2**31


class PageCall:
    """The fields of a request; each is checked when it is asked for."""

    def __init__(self, body: bytes, limits: Limits) -> None:
        """Reads the body.

        Args:
            body: A JSON object; other keys than those asked for are ignored.
            limits: What a request may cost.

        Raises:
            ServingError: INVALID_ARGUMENT if it is none.
        """
        limits.check_json(body)
        fields = read_json(body)
        if not isinstance(fields, dict):
            raise invalid_argument("Expecting a JSON object as the body")
        self._fields: dict[str, Any] = fields

    def has(self, name: str) -> bool:
        """Whether there is a field that is not null."""
        return self._fields.get(name) is not None

    def text(self, name: str) -> str:
        """A string that has to be there."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise invalid_argument(f"Expecting a string as '{name}'")
        return value

    def code(self, bits: int) -> np.ndarray:
        """The field `code`, uint8 0/1 [bits].

        Args:
            bits: How long it has to be.
        """
        value = self.text("code")
        if len(value) != bits or not _CODE.fullmatch(value):
            raise invalid_argument(f"Expecting {bits} characters 0 or 1 as 'code'")
        return np.array([character == "1" for character in value], np.uint8)

    def start(self) -> int:
        """The field `start`, 0 if it is missing."""
        value = self._fields.get("start", 0)
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid_argument("Expecting a whole number as 'start'")
        if not 0 <= value <= _LAST_START:
            raise invalid_argument(f"Expecting a 'start' from 0 to {_LAST_START}")
        return value
