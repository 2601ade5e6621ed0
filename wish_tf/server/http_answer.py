"""What goes back to a client by HTTP."""

from __future__ import annotations

from typing import NamedTuple


class HttpAnswer(NamedTuple):
    """A response that is complete.

    Attributes:
        status: HTTP status.
        kind: Content type.
        body: Its bytes.
        headers: What else it says, names in lower case.
    """

    status: int
    kind: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
