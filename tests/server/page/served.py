"""A page over small hashers, with and without a socket."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx

from wish_tf.server import Limits, ModelConfig, ServerOptions
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.http_message import HttpRequest
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.page import Page
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable import load_servable

TOKEN = "s3cret"


class Served(NamedTuple):
    """A server without a socket, and what it is made of."""

    app: RestApp
    client: httpx.Client
    manager: ModelManager
    metrics: ServerMetrics
    page: Page


def page_over(
    manager: ModelManager,
    indexes: Sequence[Path] = (),
    *,
    token: bool = False,
    predictor: Predictor | None = None,
) -> Served:
    """Makes a server of loaded models that has the page."""
    predictor = predictor or Predictor(Limits(), ServerMetrics())
    hosts = ["wish"]
    page = Page(manager, predictor, indexes=indexes, needs_token=token, hosts=hosts)
    executor = ThreadPoolExecutor(4, "rest")
    options = ServerOptions(
        ModelConfig("m", Path("m")),
        rest_api_enable_cors_support=True,
        token=BearerToken(TOKEN) if token else None,
    )
    app = RestApp(RestHandler(manager, predictor, executor), options, page)
    client = httpx.Client(base_url="http://wish", transport=_AppTransport(app))
    return Served(app, client, manager, predictor.metrics, page)


class _AppTransport(httpx.BaseTransport):
    """Asks a server without a socket."""

    def __init__(self, app: RestApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        headers = {name.lower(): value for name, value in request.headers.raw}
        asked = HttpRequest(request.method, path, headers, body=request.read())
        answer = self._app.refusal(asked) or asyncio.run(self._app.answer(asked))
        status, given, body = answer
        return httpx.Response(status, headers=given, content=body or None)


@contextlib.contextmanager
def serve_page(
    models: dict[str, Path], indexes: Sequence[Path] = ()
) -> Iterator[Served]:
    """Loads models and makes a server of them that has the page."""
    predictor = Predictor(Limits(), ServerMetrics())
    configs = [ModelConfig(name, path) for name, path in models.items()]
    load = functools.partial(
        load_servable, ServerOptions(configs[0]), predictor.metrics
    )
    manager = ModelManager(configs, load)
    try:
        yield page_over(manager, indexes, predictor=predictor)
    finally:
        manager.close()
