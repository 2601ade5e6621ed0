"""Requests byte by byte, as no HTTP library would send them."""

from __future__ import annotations

import dataclasses
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60
ROW = b'{"instances": [[1, 2]]}'
SUM = {"predictions": [[5.0]]}


@dataclasses.dataclass(frozen=True)
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body as JSON; names from requests may hold bytes that are not UTF-8."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body.decode("utf-8", "surrogateescape"))

    @property
    def error(self) -> str:
        """The message of an error of the contract."""
        assert self.content.keys() == {"error"}
        return self.content["error"]


class RawClient:
    """Speaks to a server about its model.

    Args:
        url: `http://HOST:PORT/v1/models/NAME`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self.model = parts.path.encode()

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(self._address, timeout=SECONDS)

    def post(
        self,
        body: bytes = ROW,
        *headers: bytes,
        version: bytes = b"1.1",
        length: int | None = None,
    ) -> bytes:
        """A predict call as bytes, with more lines of its head.

        `length` is what it says of the length of the body; None: the truth.
        """
        head = [b"POST %s:predict HTTP/%s" % (self.model, version), b"Host: h"]
        head.append(b"Content-Length: %d" % (len(body) if length is None else length))
        return b"\r\n".join([*head, *headers, b"", b""]) + body

    def ask(self, request: bytes) -> Answer:
        """The one answer to what is sent on a connection of its own."""
        with self.connect() as connection:
            try:
                connection.sendall(request)
            except ConnectionError:
                pass  # it was answered, and the connection closed, before its end
            return read_answer(connection)


def read_answer(connection: socket.socket) -> Answer:
    """Reads one response; what follows it is left in the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, f"closed after {head!r}"
        head += byte
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = b""
    while len(body) < int(headers.get("content-length", 0)):
        part = connection.recv(int(headers["content-length"]) - len(body))
        assert part, "closed in the middle of a body"
        body += part
    return Answer(int(first.split()[1]), headers, body)


def is_closed(connection: socket.socket, seconds: float = SECONDS) -> bool:
    """Whether the server closes the connection without another word in time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            if not connection.recv(2**16):
                return True
        except TimeoutError:
            return False
        except ConnectionError:
            return True
    return False
