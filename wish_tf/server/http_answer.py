"""What goes back to a client by HTTP."""

from __future__ import annotations

Headers = tuple[tuple[bytes, bytes], ...]
# Status, headers (content type and more, names in lower case) and body. A plain tuple:
# one is made for each request.
HttpAnswer = tuple[int, Headers, bytes]


def headers_of(kind: bytes, *more: tuple[bytes, bytes]) -> Headers:
    """The headers of an answer.

    Args:
        kind: Content type.
        more: What else it says.
    """
    return ((b"content-type", kind), *more)
