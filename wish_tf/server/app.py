"""The HTTP side of the server: an ASGI application."""

from __future__ import annotations

import os
import re

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from wish_tf.server.http_status import StatusCode
from wish_tf.server.model_json import error_json
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable import DEFAULT_TIMEOUT_IN_MS, Servable
from wish_tf.server.serving_error import ServingError, invalid_argument
from wish_tf.server.version_directory import latest_version

MAX_BODY_BYTES = 64 * 2**20
_API_PATH = re.compile(r"/v1/.*", re.IGNORECASE | re.ASCII)
_NOT_FOUND = (
    "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n"
    "<H1>Not Found</H1>\n</BODY></HTML>\n"
)


def create_app(
    base_path: str | os.PathLike[str],
    name: str = "wish",
    *,
    max_body_bytes: int = MAX_BODY_BYTES,
    timeout_in_ms: int = DEFAULT_TIMEOUT_IN_MS,
) -> Starlette:
    """Loads the latest version of a model and returns the server for it.

    The REST API is that of TensorFlow Serving for `predict`, status and
    metadata. `classify`, `regress` and compressed requests get 501.

    Args:
        base_path: Folder of a model, with numbered version folders in it.
        name: Name of the model in URLs: `/v1/models/<name>:predict`.
        max_body_bytes: Longest request body accepted, bytes; TF-Serving has no
            limit. A longer one gets 400.
        timeout_in_ms: Longest a run of the model may take, milliseconds; then
            the response is 504.

    Returns:
        An ASGI application.

    Raises:
        InputError: If the folder has no version or it is not a SavedModel.
    """
    version, path = latest_version(base_path)
    handler = RestHandler(name, Servable(path, version, timeout_in_ms))
    return Starlette(routes=[Mount("", app=_RestApp(handler, max_body_bytes))])


class _RestApp:
    """Takes requests apart for the handler, which runs in a worker thread."""

    def __init__(self, handler: RestHandler, max_body_bytes: int) -> None:
        self._handler = handler
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        # Not scope["path"]: that is decoded, and an encoded slash or colon in a
        # model name would look like a real one.
        path = request.scope["raw_path"].decode("utf-8", "surrogateescape")
        if not _API_PATH.fullmatch(path):
            return Response(_NOT_FOUND, 404, headers={"content-type": "text/html"})
        if request.method == "OPTIONS":
            return _preflight(request)
        try:
            body = await self._read_body(request)
        except ServingError as error:
            return _json_response(error.code.http_status, error_json(error.message))
        answer = await run_in_threadpool(
            self._handler.handle, request.method, path, body
        )
        return _json_response(*answer)

    async def _read_body(self, request: Request) -> bytes:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise ServingError(
                StatusCode.UNIMPLEMENTED,
                "This server does not accept requests with a Content-Encoding",
            )
        too_long = invalid_argument(
            f"Request body is longer than {self._max_body_bytes} bytes"
        )
        if int(request.headers.get("content-length", 0)) > self._max_body_bytes:
            raise too_long
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_body_bytes:
                raise too_long
        return bytes(body)


def _preflight(request: Request) -> Response:
    """TF-Serving's answer to OPTIONS while its CORS flag is off."""
    origin = request.headers.get("origin", "")
    allowed = "http://" in origin or "https://" in origin
    code = StatusCode.OK if allowed else StatusCode.FAILED_PRECONDITION
    return _json_response(code.http_status, b"")


def _json_response(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")
