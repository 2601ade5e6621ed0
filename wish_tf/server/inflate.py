"""Request bodies sent with `Content-Encoding: gzip`."""

from __future__ import annotations

import zlib

from wish_tf.server.serving_error import invalid_argument

_GZIP = 16 + zlib.MAX_WBITS


def inflate(body: bytes, max_bytes: int) -> bytes:
    """Inflates a gzip body, of one or several members.

    Args:
        body: The compressed bytes.
        max_bytes: Most bytes to make of them: a small body can hold very many.

    Returns:
        The inflated bytes.

    Raises:
        ServingError: INVALID_ARGUMENT if the body is not gzip, is cut short or
            inflates to more.
    """
    inflated = bytearray()
    rest = body
    while rest:
        reader = zlib.decompressobj(_GZIP)
        try:
            inflated += reader.decompress(rest, max_bytes + 1 - len(inflated))
        except zlib.error as error:
            raise invalid_argument("Request body is not valid gzip data") from error
        if len(inflated) > max_bytes:
            raise invalid_argument(
                f"Request body is longer than {max_bytes} bytes when inflated"
            )
        if not reader.eof:
            raise invalid_argument("Request body is gzip data that is cut short")
        rest = reader.unused_data
    return bytes(inflated)
