"""What a server answers by HTTP: TF-Serving's API, the metrics and the page."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

from wish_tf.server.http_message import (
    Headers,
    HttpAnswer,
    HttpRequest,
    decoded,
    headers_of,
)
from wish_tf.server.json_response import error_json
from wish_tf.server.page import Page
from wish_tf.server.rest_handler import RestHandler, failure
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.serving_error import ServingError, StatusCode

_API_PATH = re.compile(r"/v1/.*", re.IGNORECASE | re.ASCII)
_JSON = b"application/json"
_PAGE_THREADS = 4
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
_UNAUTHENTICATED = ServingError(
    StatusCode.UNAUTHENTICATED,
    "Expected a valid bearer token in the Authorization header",
)


class RestApp:
    """Tells apart what a request is for, and who may ask.

    Attributes:
        max_body_bytes: Most bytes of a body.
    """

    def __init__(
        self, handler: RestHandler, options: ServerOptions, page: Page | None = None
    ) -> None:
        """Sets up the application; `handler` answers the calls of the API."""
        self._handler = handler
        self._predictor = handler.predictor
        self.max_body_bytes = options.limits.max_body_bytes
        self._token = options.token
        allowed = b"Content-Type, Authorization" if self._token else b"Content-Type"
        cors = (
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-methods", b"POST, GET"),
            (b"access-control-allow-headers", allowed),
        )
        has_cors = options.rest_api_enable_cors_support
        self._headers = headers_of(_JSON, *(cors if has_cors else ()))
        monitoring = options.monitoring
        self._metrics_path = monitoring.path if monitoring.enable else None
        self._page = page
        # Not those of the API: an explanation runs the model hundreds of times.
        self._page_executor = ThreadPoolExecutor(_PAGE_THREADS, "page")

    def refusal(self, request: HttpRequest) -> HttpAnswer | None:
        """Answers what needs no body, and who may not ask, by the head of a request."""
        path, page = request.path, self._page
        if self._is_metrics(path):
            return self._unauthenticated(request, self._headers)
        if _API_PATH.fullmatch(path):
            if request.method == "OPTIONS":
                return _preflight(request), self._headers, b""
            return self._unauthenticated(request, self._headers)
        if page is None:
            return _NO_PAGE
        if not page.answers(request.header(b"host")):
            return _NO_PAGE[0], _TEXT, _UNKNOWN_HOST
        if page.has_call(path):
            return self._unauthenticated(request, page.headers)
        known = request.header(b"if-none-match")
        return page.file(request.method, path, known) or _NO_PAGE

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answers a request that has come whole, and that `refusal` leaves."""
        page = self._page
        if self._is_metrics(request.path):
            return await self._show_metrics(request.path)
        if page is None or not page.has_call(request.path):
            status, body = await self._handler.handle(
                request.method, request.path, request.body, request.encoding
            )
            return status, self._headers, body
        status, body = await asyncio.get_running_loop().run_in_executor(
            self._page_executor, self._answer_page, page, request
        )
        return status, page.headers, body

    def _answer_page(self, page: Page, request: HttpRequest) -> tuple[int, bytes]:
        most = self._predictor.limits.max_inflated_bytes
        try:
            body = decoded(request.body, request.encoding, most)
        except ServingError as error:
            return failure(request.method, request.path, error)
        return page.handler.handle(request.method, request.path, body)

    def _is_metrics(self, path: str) -> bool:
        expected = self._metrics_path
        if expected is None:
            return False
        return path == expected or path.startswith(expected.rstrip("/") + "/")

    async def _show_metrics(self, path: str) -> HttpAnswer:
        if path != self._metrics_path:
            text = f"Unexpected path: {path}. Should be {self._metrics_path}"
            return 400, _TEXT, text.encode("utf-8", "surrogateescape")
        text = await asyncio.to_thread(self._predictor.metrics.text)
        return 200, _TEXT, text.encode()

    def _unauthenticated(
        self, request: HttpRequest, headers: Headers
    ) -> HttpAnswer | None:
        token = self._token
        if token is None or token.accepts(request.header(b"authorization")):
            return None
        error = _UNAUTHENTICATED
        headers = (*headers, (b"www-authenticate", b"Bearer"))
        return error.code.http_status, headers, error_json(error.message)


def _preflight(request: HttpRequest) -> int:
    origin = request.header(b"origin") or ""
    allowed = "http://" in origin or "https://" in origin
    return (StatusCode.OK if allowed else StatusCode.FAILED_PRECONDITION).http_status
