"""What HTTP messages are made of: requests, answers, and bodies that are compressed."""

from __future__ import annotations

import dataclasses
import zlib

from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

Headers = tuple[tuple[bytes, bytes], ...]
# Status, headers (content type and more, names in lower case) and body. A plain tuple:
# one is made for each request.
HttpAnswer = tuple[int, Headers, bytes]

_GZIP = 16 + zlib.MAX_WBITS
# What is given to the reader at a time: what it leaves over is copied.
_CHUNK = 64 * 2**10
# A body of members that are empty would be read for minutes.
_MOST_MEMBERS = 1000


@dataclasses.dataclass(eq=False, slots=True)
class HttpRequest:
    """A request as it came.

    Attributes:
        method: HTTP method.
        path: Path of its target, percent-encoded, no query.
        headers: First value per name in lower case.
        keep_alive: Whether the connection stays open after the answer.
        version: Of HTTP.
        body: What has come of the body.
        answer: What its head alone is answered with, if anything: then the body is
            passed over.
    """

    method: str
    path: str
    headers: dict[bytes, bytes]
    keep_alive: bool = True
    version: str = "1.1"
    body: bytes = b""
    answer: HttpAnswer | None = None

    def header(self, name: bytes) -> str | None:
        """Returns the value of a header, None if there is none."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def encoding(self) -> str:
        """Content encoding of the body, in lower case."""
        return (self.header(b"content-encoding") or "identity").lower()


def headers_of(kind: bytes, *more: tuple[bytes, bytes]) -> Headers:
    """Returns the headers of an answer: its content type, and what else it says."""
    return ((b"content-type", kind), *more)


def decoded(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Returns a request body as it was before it was compressed.

    Args:
        body: The body as it came.
        encoding: Its `Content-Encoding` in lower case.
        max_bytes: Most bytes to make of it: a small body can hold very many.

    Raises:
        ServingError: UNIMPLEMENTED if the encoding is not gzip; INVALID_ARGUMENT if the
            body is not gzip, is cut short, has too many members or inflates to more.
    """
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise ServingError(
            StatusCode.UNIMPLEMENTED,
            f"expected Content-Encoding gzip or none; got {encoding}",
        )
    inflated = bytearray()
    place = members = 0
    reader = None
    while place < len(body):
        if reader is None:
            reader, members = zlib.decompressobj(_GZIP), members + 1
            if members > _MOST_MEMBERS:
                raise invalid_argument(
                    f"Request body has more than {_MOST_MEMBERS} gzip members"
                )
        chunk = body[place : place + _CHUNK]
        try:
            inflated += reader.decompress(chunk, max_bytes + 1 - len(inflated))
        except zlib.error as error:
            raise invalid_argument("Request body is not valid gzip data") from error
        if len(inflated) > max_bytes:
            raise invalid_argument(
                f"Request body is longer than {max_bytes} bytes when inflated"
            )
        place += len(chunk) - len(reader.unused_data)
        if reader.eof:
            reader = None
    if reader is not None:
        raise invalid_argument("Request body is gzip data that is cut short")
    return bytes(inflated)
