"""A page over small hashers, with and without a socket."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.testclient import TestClient

from wish_tf.server import Limits, ModelConfig
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.page import Page
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable_loader import ServableLoader

TOKEN = "s3cret"


class Served(NamedTuple):
    """A server without a socket, and what it is made of."""

    app: RestApp
    client: TestClient
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
    hosts = ["testserver", "wish"]
    page = Page(manager, predictor, indexes=indexes, needs_token=token, hosts=hosts)
    executor = ThreadPoolExecutor(4, "rest")
    app = RestApp(
        RestHandler(manager, predictor, executor),
        predictor.limits,
        executor,
        enable_cors_support=True,
        token=BearerToken(TOKEN) if token else None,
        monitoring=MonitoringConfig(),
        metrics=predictor.metrics,
        page=page,
    )
    return Served(app, TestClient(app), manager, predictor.metrics, page)


@contextlib.contextmanager
def serve_page(
    models: dict[str, Path], indexes: Sequence[Path] = ()
) -> Iterator[Served]:
    """Loads models and makes a server of them that has the page."""
    predictor = Predictor(Limits(), ServerMetrics())
    configs = [ModelConfig(name, path) for name, path in models.items()]
    loader = ServableLoader(predictor.limits, predictor.metrics)
    manager = ModelManager(configs, loader.load)
    try:
        yield page_over(manager, indexes, predictor=predictor)
    finally:
        manager.close()


@contextlib.contextmanager
def listening(app: RestApp) -> Iterator[str]:
    """Runs a server on a free port of 127.0.0.1; yields its address."""
    config = uvicorn.Config(
        app, port=0, log_level="warning", lifespan="off", ws="none", server_header=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
