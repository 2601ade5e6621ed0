"""The HTTP side of the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.http_message import Headers, HttpAnswer, decoded, headers_of
from wish_tf.server.json_response import error_json
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.page import Page
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]

_API_PATH = re.compile(r"/v1/.*", re.IGNORECASE | re.ASCII)
_JSON = b"application/json"
_TEXT = headers_of(b"text/plain; charset=utf-8")
_NO_PAGE: HttpAnswer = (
    404,
    headers_of(b"text/html"),
    b"<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n"
    b"<H1>Not Found</H1>\n</BODY></HTML>\n",
)
_UNKNOWN_HOST = (
    b"This page is shown under localhost, an IP address or the name that the server "
    b"was bound to; wish-tf serve --allowed-hosts NAME allows another.\n"
)
_CORS_HEADERS = {
    b"access-control-allow-origin": b"*",
    b"access-control-allow-methods": b"POST, GET",
    b"access-control-allow-headers": b"Content-Type",
}


class _ClientGone(Exception):
    """The client went before its request was complete."""


class _Request:
    """A request as ASGI gives it; its body can be read once.

    Attributes:
        method: HTTP method.
        path: Path of its target, percent-encoded, no query.
        encoding: Content encoding of its body, in lower case.
    """

    def __init__(self, scope: _Scope, receive: _Receive) -> None:
        self.method: str = scope["method"]
        # Not scope["path"]: that is decoded, and an encoded slash or colon in a
        # model name would look like a real one.
        self.path: str = scope["raw_path"].decode("utf-8", "surrogateescape")
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._receive = receive
        self._is_read = False
        self._guard = scope.get("state", {}).get("guard")
        if self._guard is not None:
            self._guard.begin_request()

    def header(self, name: bytes) -> str | None:
        """Returns the value of a header, None if there is none."""
        for key, value in self._headers:
            if key == name:
                return value.decode("latin-1")
        return None

    @property
    def encoding(self) -> str:
        return (self.header(b"content-encoding") or "identity").lower()

    async def body(self, most: int) -> bytes:
        """Reads the body, of no more than so many bytes."""
        body = b""
        if int(self.header(b"content-length") or 0) <= most:
            while not self._is_read:
                body += await self._part()
                if len(body) > most:
                    break
        if not self._is_read or len(body) > most:
            raise invalid_argument(f"Request body is longer than {most} bytes")
        return body

    async def answer(self, send: _Send, start: dict[str, Any], body: bytes) -> None:
        """Answers, and passes over what has not been read of the body."""
        # One that asks first whether it may send a body need not send it.
        is_whole = self._is_read or self.header(b"expect") is not None
        if self._guard is not None:
            self._guard.begin_answer()
        await send(start)
        # A client may first look for an answer when it has sent all.
        message = {"type": "http.response.body", "body": body}
        await send({**message, "more_body": not is_whole})
        if not is_whole:
            while not self._is_read:
                await self._part()
            await send({**message, "body": b""})
        if self._guard is not None:
            self._guard.end_request()

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        self._is_read = not message.get("more_body", False)
        if self._guard is not None:
            self._guard.read(self._is_read)
        return message.get("body", b"")


class RestApp:
    """An ASGI application that takes requests apart for the handler.

    There is no web framework in between: with calls of single texts, it would cost
    more than all else.
    """

    def __init__(
        self,
        handler: RestHandler,
        limits: Limits,
        executor: Executor,
        *,
        enable_cors_support: bool = False,
        token: BearerToken | None = None,
        monitoring: MonitoringConfig,
        metrics: ServerMetrics,
        page: Page | None = None,
    ) -> None:
        """Sets up the application.

        Args:
            handler: What answers the calls.
            limits: What a request may cost.
            executor: What answers the page's calls.
            enable_cors_support: Whether responses carry CORS headers.
            token: What clients have to show, if anything.
            monitoring: Whether and where the metrics are shown.
            metrics: What is shown there.
            page: The web page, if there is one.
        """
        self._handler = handler
        self._limits = limits
        self._executor = executor
        headers = dict(_CORS_HEADERS) if enable_cors_support else {}
        if enable_cors_support and token:
            headers[b"access-control-allow-headers"] += b", Authorization"
        self._headers = headers_of(_JSON, *headers.items())
        self._token = token
        self._monitoring = monitoring
        self._metrics = metrics
        self._page = page

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answers one request, as ASGI has it."""
        if scope["type"] != "http":
            return
        request = _Request(scope, receive)
        try:
            await self._answer(request, send)
        except _ClientGone:
            return

    async def _answer(self, request: _Request, send: _Send) -> None:
        status, given, body = await self._respond(request)
        headers = [*given, (b"content-length", b"%d" % len(body))]
        if status == 304:
            headers.pop()  # it would be the length of what is not sent
        elif status == StatusCode.UNAUTHENTICATED.http_status:
            headers.append((b"www-authenticate", b"Bearer"))
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await request.answer(send, start, body)

    async def _respond(self, request: _Request) -> HttpAnswer:
        path = request.path
        shows_metrics = self._monitoring.enable and _is_under(
            path, self._monitoring.path
        )
        if not shows_metrics and not _API_PATH.fullmatch(path):
            return await self._respond_beside(request)
        if request.method == "OPTIONS" and not shows_metrics:
            return _preflight(request), self._headers, b""
        try:
            self._authorize(request)
            if shows_metrics:
                return await self._show_metrics(path)
            body = await request.body(self._limits.max_body_bytes)
        except ServingError as error:
            return _error(error, self._headers)
        status, answer = await self._handler.handle(
            request.method, path, body, request.encoding
        )
        return status, self._headers, answer

    async def _respond_beside(self, request: _Request) -> HttpAnswer:
        """What is no part of TF-Serving's API."""
        page, path = self._page, request.path
        if page is None:
            return _NO_PAGE
        if not page.answers(request.header(b"host")):
            return _NO_PAGE[0], _TEXT, _UNKNOWN_HOST
        file = page.file(request.method, path, request.header(b"if-none-match"))
        if file is not None or not page.has_call(path):
            return file or _NO_PAGE
        try:
            self._authorize(request)
            body = await request.body(self._limits.max_body_bytes)
            status, answer = await asyncio.get_running_loop().run_in_executor(
                self._executor, self._handle_page, page, request, body
            )
        except ServingError as error:
            return _error(error, page.headers)
        return status, page.headers, answer

    def _handle_page(
        self, page: Page, request: _Request, body: bytes
    ) -> tuple[int, bytes]:
        body = decoded(body, request.encoding, self._limits.max_inflated_bytes)
        return page.handler.handle(request.method, request.path, body)

    async def _show_metrics(self, path: str) -> HttpAnswer:
        expected = self._monitoring.path
        if path != expected:
            text = f"Unexpected path: {path}. Should be {expected}"
            return 400, _TEXT, text.encode("utf-8", "surrogateescape")
        text = await asyncio.to_thread(self._metrics.text)
        return 200, _TEXT, text.encode()

    def _authorize(self, request: _Request) -> None:
        given = request.header(b"authorization") if self._token else None
        if self._token and not self._token.accepts(given):
            raise ServingError(
                StatusCode.UNAUTHENTICATED,
                "Expected a valid bearer token in the Authorization header",
            )


def _error(error: ServingError, headers: Headers) -> HttpAnswer:
    return error.code.http_status, headers, error_json(error.message)


def _preflight(request: _Request) -> int:
    origin = request.header(b"origin") or ""
    allowed = "http://" in origin or "https://" in origin
    return (StatusCode.OK if allowed else StatusCode.FAILED_PRECONDITION).http_status


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
