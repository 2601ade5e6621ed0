"""The HTTP side of the server."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.http_answer import Headers, HttpAnswer, headers_of
from wish_tf.server.http_status import StatusCode
from wish_tf.server.inflate import inflate
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.model_json import error_json
from wish_tf.server.page import Page
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.serving_error import ServingError, invalid_argument

_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]
_Handle = Callable[[str, str, bytes], tuple[int, bytes]]

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
# At worst such a body has thousands of rows, and reading it and putting its answer
# together takes the event loop a few milliseconds; longer ones are left to threads.
_MOST_BYTES_ON_LOOP = 16 * 2**10


class _ClientGone(Exception):
    """The client went before its request was complete."""


class RestApp:
    """An ASGI application that takes requests apart for the handler.

    Small calls are answered on the event loop, as far as the handler can. For the
    others it runs in worker threads. Those that run models are a group of their
    own: status and metadata are answered also while all of these are busy.

    There is no web framework in between: with calls of single texts, it would cost
    more than all else.
    """

    def __init__(
        self,
        handler: RestHandler,
        limits: Limits,
        *,
        threads: int,
        enable_cors_support: bool,
        token: BearerToken | None,
        monitoring: MonitoringConfig,
        metrics: ServerMetrics,
        page: Page | None = None,
    ) -> None:
        """Sets up the application.

        Args:
            handler: What answers the calls.
            limits: What a request may cost.
            threads: How many requests may run a model at the same time, each by
                itself or in a batch that a thread waits for.
            enable_cors_support: Whether responses carry CORS headers.
            token: What clients have to show, if anything.
            monitoring: Whether and where the metrics are shown.
            metrics: What is shown there.
            page: The web page, if there is one.
        """
        self._handler = handler
        self._limits = limits
        self._executor = ThreadPoolExecutor(threads, "rest-predict")
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
        try:
            status, given, body = await self._respond(scope, receive)
        except _ClientGone:
            return
        headers = [*given, (b"content-length", b"%d" % len(body))]
        if status == 304:
            headers.pop()  # it would be the length of what is not sent
        elif status == StatusCode.UNAUTHENTICATED.http_status:
            headers.append((b"www-authenticate", b"Bearer"))
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})

    async def _respond(self, scope: _Scope, receive: _Receive) -> HttpAnswer:
        # Not scope["path"]: that is decoded, and an encoded slash or colon in a
        # model name would look like a real one.
        path = scope["raw_path"].decode("utf-8", "surrogateescape")
        shows_metrics = self._monitoring.enable and _is_under(
            path, self._monitoring.path
        )
        if not shows_metrics and not _API_PATH.fullmatch(path):
            return await self._respond_beside(scope, receive, path)
        if scope["method"] == "OPTIONS" and not shows_metrics:
            return _preflight(scope), self._headers, b""
        try:
            self._authorize(scope)
            if shows_metrics:
                return await self._show_metrics(path)
            body = await self._read_body(scope, receive)
        except ServingError as error:
            return _error(error, self._headers)
        status, answer = await self._handle(scope, path, body)
        return status, self._headers, answer

    async def _respond_beside(
        self, scope: _Scope, receive: _Receive, path: str
    ) -> HttpAnswer:
        """What is no part of TF-Serving's API."""
        page = self._page
        if page is None:
            return _NO_PAGE
        method = scope["method"]
        host = _header(scope, b"host")
        if not page.answers(host):
            return _NO_PAGE[0], _TEXT, _UNKNOWN_HOST
        file = page.file(method, path, _header(scope, b"if-none-match"))
        if file is not None or not page.has_call(path):
            return file or _NO_PAGE
        try:
            self._authorize(scope)
            body = await self._read_body(scope, receive)
        except ServingError as error:
            return _error(error, page.headers)
        status, answer = await asyncio.get_running_loop().run_in_executor(
            self._executor,
            self._handle_in_thread,
            page.handler.handle,
            method,
            path,
            body,
            _encoding(scope),
        )
        return status, page.headers, answer

    async def _handle(self, scope: _Scope, path: str, body: bytes) -> tuple[int, bytes]:
        method = scope["method"]
        encoding = _encoding(scope)
        run = functools.partial(
            self._handle_in_thread, self._handler.handle, method, path, body, encoding
        )
        if method != "POST":
            return await asyncio.to_thread(run)
        if len(body) <= _MOST_BYTES_ON_LOOP and encoding == "identity":
            answer = await self._handler.handle_plain(method, path, body)
            if answer is not None:
                return answer
        return await asyncio.get_running_loop().run_in_executor(self._executor, run)

    def _handle_in_thread(
        self, handle: _Handle, method: str, path: str, body: bytes, encoding: str
    ) -> tuple[int, bytes]:
        try:
            if encoding in ("gzip", "x-gzip"):
                body = inflate(body, self._limits.max_inflated_bytes)
            elif encoding != "identity":
                raise ServingError(
                    StatusCode.UNIMPLEMENTED,
                    f"Expecting Content-Encoding gzip or none but got: {encoding}",
                )
        except ServingError as error:
            return error.code.http_status, error_json(error.message)
        return handle(method, path, body)

    async def _show_metrics(self, path: str) -> HttpAnswer:
        expected = self._monitoring.path
        if path != expected:
            text = f"Unexpected path: {path}. Should be {expected}"
            return 400, _TEXT, text.encode("utf-8", "surrogateescape")
        text = await asyncio.to_thread(self._metrics.text)
        return 200, _TEXT, text.encode()

    def _authorize(self, scope: _Scope) -> None:
        if self._token and not self._token.accepts(_header(scope, b"authorization")):
            raise ServingError(
                StatusCode.UNAUTHENTICATED,
                "Expected a valid bearer token in the Authorization header",
            )

    async def _read_body(self, scope: _Scope, receive: _Receive) -> bytes:
        most = self._limits.max_body_bytes
        body = bytearray()
        more = int(_header(scope, b"content-length") or 0) <= most
        too_long = not more
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            body += message.get("body", b"")
            too_long = len(body) > most
            more = message.get("more_body", False) and not too_long
        if too_long:
            raise invalid_argument(f"Request body is longer than {most} bytes")
        return bytes(body)


def _header(scope: _Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


def _encoding(scope: _Scope) -> str:
    return (_header(scope, b"content-encoding") or "identity").lower()


def _error(error: ServingError, headers: Headers) -> HttpAnswer:
    return error.code.http_status, headers, error_json(error.message)


def _preflight(scope: _Scope) -> int:
    origin = _header(scope, b"origin") or ""
    allowed = "http://" in origin or "https://" in origin
    return (StatusCode.OK if allowed else StatusCode.FAILED_PRECONDITION).http_status


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
