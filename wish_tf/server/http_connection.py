"""One HTTP connection: requests in, answers out, in their order."""

from __future__ import annotations

import asyncio
import functools
import http
import time
from collections import deque
from email.utils import formatdate

import httptools

from wish_tf.server.http_message import Headers, HttpAnswer, HttpRequest, headers_of
from wish_tf.server.json_response import error_json
from wish_tf.server.rest_app import RestApp
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

_MAX_HEAD_BYTES = 64 * 1024
_HEADERS = headers_of(b"application/json")


class HttpConnection(asyncio.Protocol):
    """Reads requests and writes answers, with limits of time and of size.

    A request has to arrive, and its answer to be fetched, in a given time. While a
    request waits behind another, no more is read; nor while answers are not fetched.
    A request whose client is gone is given up.
    """

    def __init__(
        self, app: RestApp, seconds: float, connections: set[HttpConnection]
    ) -> None:
        """Waits for the connection; it is in `connections` while it is open."""
        self._app = app
        self._seconds = seconds
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._head: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._request: HttpRequest | None = None  # whose body is coming
        self._parts: list[bytes] = []
        self._part_bytes = 0
        self._unparsed = 0  # bytes that came since the last that were of a body
        self._waiting: deque[HttpRequest] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_blocked = False  # by a client that does not fetch
        self._is_last = False  # whether nothing more is to be read
        # When it began to wait for a request, or for an answer to leave.
        self._since: float | None = self._loop.time()

    # A server's connection is none of the one-way kinds that asyncio allows for.
    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Starts the time for the first request."""
        self._transport = transport
        self._connections.add(self)
        self._timer = self._loop.call_later(self._seconds, self._look_at_the_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives up what is under way."""
        self._connections.discard(self)
        self._timer.cancel()
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        """The client does not fetch its answers."""
        self._is_blocked = True

    def resume_writing(self) -> None:
        """It has fetched them."""
        self._is_blocked = False
        self._advance()

    def eof_received(self) -> bool:
        """Lets a client that has sent all, and said so, wait for its answer."""
        self._is_last = True
        return self._task is not None or bool(self._waiting)

    def end(self) -> None:
        """Closes the connection after the answers to what has come."""
        self._is_last = True
        self._advance()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Reads a part of a request, of one or of several."""
        if self._is_last and self._request is None:
            return
        self._unparsed += len(data)
        while data:
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                # Some clients wish for another protocol with every request. It is read
                # again without the wish: the parser takes what follows for the other.
                data = self._head_again() + data[upgrade.args[0] :]
                self._parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError as error:
                cause = error.__context__
                if not isinstance(cause, ServingError):
                    cause = invalid_argument(f"expected HTTP/1.1; got another: {error}")
                self._refuse(cause)
                return
        if self._unparsed > _MAX_HEAD_BYTES:
            self._refuse(_too_long())
        elif self._waiting:
            self._transport.pause_reading()

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._url += url
        if len(self._url) > _MAX_HEAD_BYTES:
            raise _too_long()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a line of a trailer."""
        self._head_bytes += len(name) + len(value) + len(b": \r\n")
        if self._head_bytes + len(self._url) > _MAX_HEAD_BYTES:
            raise _too_long()
        if self._request is None:
            self._head.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole: looks whether it is enough for an answer."""
        parser = self._parser
        if parser.get_method() == b"CONNECT":
            raise invalid_argument("expected no CONNECT, which is for proxies; got one")
        if parser.should_upgrade():
            return
        request = self._request = HttpRequest(
            parser.get_method().decode(),
            _path(self._url),
            dict(reversed(self._head)),
            parser.should_keep_alive(),
            parser.get_http_version(),
        )
        self._parts, self._part_bytes = [], 0
        request.answer = self._app.refusal(request)
        if int(request.headers.get(b"content-length", 0)) > self._app.max_body_bytes:
            self._refuse_body(request)
        if request.headers.get(b"expect", b"").lower() == b"100-continue":
            if request.answer is None and self._task is None and not self._waiting:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            elif request.answer is not None:
                # The body may come or not, so that no other request can follow.
                request.keep_alive, self._request = False, None
        if request.answer is not None:
            self._waiting.append(request)
            self._advance()

    def on_body(self, part: bytes) -> None:
        """A part of the body; one that is passed over is not kept."""
        self._unparsed = 0
        request = self._request
        if request is None or request.answer is not None:
            return
        self._part_bytes += len(part)
        if self._part_bytes <= self._app.max_body_bytes:
            self._parts.append(part)
            return
        self._parts = []
        self._refuse_body(request)
        self._waiting.append(request)
        self._advance()

    def on_message_complete(self) -> None:
        """A request is whole."""
        if self._parser.should_upgrade():
            return
        self._unparsed = self._head_bytes = 0
        self._url, self._head = b"", []
        request, self._request = self._request, None
        if request is not None and request.answer is None:
            request.body, self._parts = b"".join(self._parts), []
            self._waiting.append(request)
        self._advance()

    def _head_again(self) -> bytes:
        lines = [b"%b: %b" % pair for pair in self._head if pair[0] != b"upgrade"]
        method, version = self._parser.get_method(), self._parser.get_http_version()
        first = b"%b %b HTTP/%b" % (method, self._url, version.encode())
        self._url, self._head, self._head_bytes = b"", [], 0
        return b"\r\n".join([first, *lines, b"", b""])

    def _refuse_body(self, request: HttpRequest) -> None:
        if request.answer is None:
            request.answer = _error(
                invalid_argument(
                    f"Request body is longer than {self._app.max_body_bytes} bytes"
                )
            )

    def _refuse(self, error: ServingError) -> None:
        """Ends the connection with an error, after the answers to what came before."""
        if self._is_last and self._task is None:
            self._transport.close()  # the last answer has been given
            return
        self._request, self._is_last = None, True
        if self._task is not None:
            self._transport.pause_reading()
        self._waiting.append(
            HttpRequest("GET", "", {}, keep_alive=False, answer=_error(error))
        )
        self._advance()

    def _advance(self) -> None:
        """Begins with the next request, if the one before is answered and fetched."""
        while self._waiting and self._task is None and not self._is_blocked:
            request = self._waiting.popleft()
            if request.answer is not None:
                self._write(request, request.answer)
            else:
                self._since = None  # what follows is the time of the run
                self._task = self._loop.create_task(self._answer(request))
        if self._waiting or self._task is not None:
            return
        if self._is_last:
            if self._request is None:
                self._transport.close()
        elif not self._transport.is_reading():
            self._transport.resume_reading()

    async def _answer(self, request: HttpRequest) -> None:
        answer = await self._app.answer(request)
        self._task = None
        self._write(request, answer)
        self._advance()

    def _write(self, request: HttpRequest, answer: HttpAnswer) -> None:
        status, headers, body = answer
        # Of what is not modified, it would be the length of what is not sent.
        length = b"" if status == 304 else b"content-length: %d\r\n" % len(body)
        if not request.keep_alive:
            length += b"connection: close\r\n"
            self._is_last = True
            self._waiting.clear()
        elif request.version == "1.0":
            length += b"connection: keep-alive\r\n"
        head = b"%b%b%b\r\n" % (_head(status, headers), _date(int(time.time())), length)
        self._since = self._loop.time()
        self._transport.write(head if request.method == "HEAD" else head + body)

    def _look_at_the_time(self) -> None:
        left = self._seconds
        if self._since is not None:
            left += self._since - self._loop.time()
            if left <= 0 and (self._is_last or not self._is_asked()):
                self._transport.abort()
                return
            if left <= 0:
                self._refuse(
                    ServingError(
                        StatusCode.DEADLINE_EXCEEDED,
                        "Timed out waiting for the request",
                    )
                )
                left = self._seconds
        self._timer = self._loop.call_later(left, self._look_at_the_time)

    def _is_asked(self) -> bool:
        """Whether a part of a request has come that is not answered."""
        if self._request is None:
            return self._unparsed > 0 and not self._is_blocked
        return self._request.answer is None


def _path(url: bytes) -> str:
    """Returns the path of a target, without what follows it."""
    path: bytes | None = url
    if not url.startswith(b"/") or b"?" in url or b"#" in url:
        path = httptools.parse_url(url).path
    if path is None:
        raise invalid_argument("expected a path in the target of the request; got none")
    return path.decode("utf-8", "surrogateescape")


def _too_long() -> ServingError:
    return invalid_argument(f"Request headers are longer than {_MAX_HEAD_BYTES} bytes")


def _error(error: ServingError) -> HttpAnswer:
    return error.code.http_status, _HEADERS, error_json(error.message)


@functools.lru_cache(maxsize=100)
def _head(status: int, headers: Headers) -> bytes:
    known = status in http.HTTPStatus._value2member_map_
    words = http.HTTPStatus(status).phrase if known else ""
    lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
    return b"HTTP/1.1 %d %b\r\n%b" % (status, words.encode(), lines)


@functools.lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return b"date: %b\r\n" % formatdate(second, usegmt=True).encode()
