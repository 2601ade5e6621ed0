"""The HTTP side of the server."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.http_status import StatusCode
from wish_tf.server.inflate import inflate
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.model_json import error_json
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.serving_error import ServingError, invalid_argument

_API_PATH = re.compile(r"/v1/.*", re.IGNORECASE | re.ASCII)
_NOT_FOUND = (
    "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n"
    "<H1>Not Found</H1>\n</BODY></HTML>\n"
)
_CORS_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
}


class RestApp:
    """An ASGI application that takes requests apart for the handler.

    The handler runs in worker threads. Those that run models are a group of their
    own: status and metadata are answered also while all of these are busy.
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
    ) -> None:
        """Sets up the application.

        Args:
            handler: What answers the calls.
            limits: What a request may cost.
            threads: How many requests may run a model at the same time.
            enable_cors_support: Whether responses carry CORS headers.
            token: What clients have to show, if anything.
            monitoring: Whether and where the metrics are shown.
            metrics: What is shown there.
        """
        self._handler = handler
        self._limits = limits
        self._executor = ThreadPoolExecutor(threads, "rest-predict")
        self._headers = dict(_CORS_HEADERS) if enable_cors_support else {}
        if enable_cors_support and token:
            self._headers["access-control-allow-headers"] += ", Authorization"
        self._token = token
        self._monitoring = monitoring
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, as ASGI has it."""
        if scope["type"] != "http":
            return
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        # Not scope["path"]: that is decoded, and an encoded slash or colon in a
        # model name would look like a real one.
        path = request.scope["raw_path"].decode("utf-8", "surrogateescape")
        if self._monitoring.enable and _is_under(path, self._monitoring.path):
            return await self._show_metrics(request, path)
        if not _API_PATH.fullmatch(path):
            return Response(_NOT_FOUND, 404, headers={"content-type": "text/html"})
        if request.method == "OPTIONS":
            return self._preflight(request)
        try:
            self._authorize(request)
            body = await self._read_body(request)
        except ServingError as error:
            return self._json(error.code.http_status, error_json(error.message))
        encoding = request.headers.get("content-encoding", "identity").lower()
        call = (request.method, path, body, encoding)
        if request.method == "POST":
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._executor, self._handle, *call)
        else:
            answer = await run_in_threadpool(self._handle, *call)
        return self._json(*answer)

    def _handle(
        self, method: str, path: str, body: bytes, encoding: str
    ) -> tuple[int, bytes]:
        """Runs in a worker thread."""
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
        return self._handler.handle(method, path, body)

    async def _show_metrics(self, request: Request, path: str) -> Response:
        try:
            self._authorize(request)
        except ServingError as error:
            return self._json(error.code.http_status, error_json(error.message))
        expected = self._monitoring.path
        if path != expected:
            text = f"Unexpected path: {path}. Should be {expected}"
            raw = text.encode("utf-8", "surrogateescape")
            return Response(raw, 400, media_type="text/plain")
        text = await run_in_threadpool(self._metrics.text)
        return Response(text, media_type="text/plain")

    def _authorize(self, request: Request) -> None:
        if self._token and not self._token.accepts(
            request.headers.get("authorization")
        ):
            raise ServingError(
                StatusCode.UNAUTHENTICATED,
                "Expected a valid bearer token in the Authorization header",
            )

    async def _read_body(self, request: Request) -> bytes:
        too_long = invalid_argument(
            f"Request body is longer than {self._limits.max_body_bytes} bytes"
        )
        if int(request.headers.get("content-length", 0)) > self._limits.max_body_bytes:
            raise too_long
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._limits.max_body_bytes:
                raise too_long
        return bytes(body)

    def _preflight(self, request: Request) -> Response:
        origin = request.headers.get("origin", "")
        allowed = "http://" in origin or "https://" in origin
        code = StatusCode.OK if allowed else StatusCode.FAILED_PRECONDITION
        return self._json(code.http_status, b"")

    def _json(self, status: int, body: bytes) -> Response:
        headers = dict(self._headers)
        if status == StatusCode.UNAUTHENTICATED.http_status:
            headers["www-authenticate"] = "Bearer"
        return Response(body, status, headers, media_type="application/json")


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
