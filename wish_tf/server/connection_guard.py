"""Limits of time and of heads for HTTP connections."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wish_tf.server.json_response import error_json
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

_MAX_HEAD_BYTES = 64 * 1024
# What may come on a connection without the application taking anything of it: parts
# of a request that follow another too soon, or the trailer of a body in chunks.
_MAX_UNREAD_BYTES = 2**20
_END = b"\r\n\r\n"
_UPGRADE = re.compile(rb"\r\nupgrade[ \t]*:", re.IGNORECASE)


class ConnectionGuard(asyncio.Protocol):
    """Stands before uvicorn's protocol, which would wait and collect for ever.

    A request has to arrive, and its answer to be fetched, in a given time, and a head
    is passed on when it is whole, within its limit, and without a wish for another
    protocol: some clients send that with every request, and uvicorn would take what
    follows for the other protocol. The application says how far it has come: it finds
    the guard in `scope["state"]["guard"]`.
    """

    def __init__(self, receive_timeout_in_ms: int, **settings: Any) -> None:
        """Sets the time.

        Args:
            receive_timeout_in_ms: How long a request may take to arrive and its
                answer to leave, milliseconds each.
            settings: As uvicorn gives them.
        """
        state = {**settings.pop("app_state"), "guard": self}
        self._inner = HttpToolsProtocol(**settings, app_state=state)
        self._seconds = receive_timeout_in_ms / 1000
        self._loop = asyncio.get_running_loop()
        self._head = b""  # what has come of one that is not whole
        self._is_head_passed = False
        self._is_answered = False  # the request that has come last
        self._unread = 0
        # When it began to wait for a head, or for an answer to leave.
        self._since: float | None = self._loop.time()

    def begin_request(self) -> None:
        """Says that the application has begun with a request."""
        self._unread = 0

    def read(self, is_whole: bool) -> None:
        """Says that the application has taken what there is of a body, or all of it."""
        self._unread = 0
        if is_whole:
            self._since = None  # what follows is the time of the run

    def begin_answer(self) -> None:
        """Says that the answer is on its way."""
        self._since = self._loop.time()
        self._is_answered = True

    def end_request(self) -> None:
        """Says that request and answer are done, which need not have left yet."""
        self._since = self._loop.time()
        self._is_head_passed = self._is_answered = False
        self._unread = 0

    # A server's connection is none of the one-way kinds that asyncio allows for.
    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Starts the time for the first request."""
        self._transport = transport
        self._timer = self._loop.call_later(self._seconds, self._look_at_the_time)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the time."""
        self._timer.cancel()
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Passes on a part of a request, of one or of several."""
        if self._transport.is_closing():
            return
        if self._is_head_passed:
            self._unread += len(data)
            if self._unread > _MAX_UNREAD_BYTES:
                self._transport.abort()
            else:
                self._inner.data_received(data)
            return
        data = self._head + data
        end = data.find(_END)
        if (len(data) if end < 0 else end) > _MAX_HEAD_BYTES:
            self._refuse(
                invalid_argument(
                    f"Request headers are longer than {_MAX_HEAD_BYTES} bytes"
                )
            )
        elif end < 0 and data[:1].isalpha():  # else it is no head, as uvicorn will say
            self._head = data
        else:
            self._head = b""
            self._is_head_passed = True
            head = _UPGRADE.sub(b"\r\nx-upgrade:", data[:end])
            self._inner.data_received(head + data[end:])

    def eof_received(self) -> bool:
        """Lets a client that has sent all, and said so, wait for its answer."""
        self._inner.eof_received()
        return self._is_head_passed

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It has read."""
        self._inner.resume_writing()

    def _refuse(self, error: ServingError) -> None:
        """Ends the connection with an error."""
        body = error_json(error.message)
        self._transport.write(
            b"HTTP/1.1 %d \r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b"
            % (error.code.http_status, len(body), body)
        )
        self._head, self._is_head_passed = b"", False
        self._since = self._loop.time()
        self._transport.close()

    def _look_at_the_time(self) -> None:
        left = self._seconds
        if self._since is not None:
            left += self._since - self._loop.time()
            is_asked = self._head or (self._is_head_passed and not self._is_answered)
            if left <= 0 and is_asked:
                self._refuse(
                    ServingError(
                        StatusCode.DEADLINE_EXCEEDED,
                        "Timed out waiting for the request",
                    )
                )
                left = self._seconds
            elif left <= 0:
                self._transport.abort()
                return
        self._timer = self._loop.call_later(left, self._look_at_the_time)
