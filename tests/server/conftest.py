"""Tiny SavedModels, and a client for each."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from starlette.testclient import TestClient

from tests.server.example_model import export_example
from wish_tf.server import Limits, ModelConfig
from wish_tf.server.batching import BatchingParameters
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable_loader import ServableLoader

DEFAULT_LIMITS = Limits()


@pytest.fixture(scope="session")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 3 and 12 of one model; 12 is the latest though "3" sorts last."""
    base = tmp_path_factory.mktemp("model")
    for version in (3, 12):
        export_example(base, version)
    (base / "notes").mkdir()
    return base


class MakeClient(Protocol):
    """Type of the fixture `make_client`."""

    def __call__(
        self,
        *configs: ModelConfig,
        limits: Limits = ...,
        batching: BatchingParameters | None = ...,
        **settings: object,
    ) -> TestClient: ...


@pytest.fixture(scope="session")
def make_client() -> Iterator[MakeClient]:
    """Makes clients of servers without a socket; closes the models at the end."""
    with contextlib.ExitStack() as stack:

        def make(
            *configs: ModelConfig,
            limits: Limits = DEFAULT_LIMITS,
            batching: BatchingParameters | None = None,
            **settings: object,
        ) -> TestClient:
            predictor = Predictor(limits, ServerMetrics())
            loader = ServableLoader(limits, predictor.metrics, batching=batching)
            manager = ModelManager(configs, loader.load)
            stack.callback(manager.close)
            defaults = {
                "threads": 8,
                "enable_cors_support": False,
                "token": None,
                "monitoring": MonitoringConfig(),
                "metrics": predictor.metrics,
            }
            handler = RestHandler(manager, predictor)
            return TestClient(RestApp(handler, limits, **(defaults | settings)))

        yield make


@pytest.fixture(
    scope="session", params=[None, BatchingParameters()], ids=["plain", "batched"]
)
def client(
    request: pytest.FixtureRequest, base_path: Path, make_client: MakeClient
) -> TestClient:
    """A server without and one with batching: no answer may differ."""
    return make_client(ModelConfig("half plus/two", base_path), batching=request.param)


@pytest.fixture(scope="session")
def small_client(base_path: Path, make_client: MakeClient) -> TestClient:
    """A server with limits low enough to run into."""
    limits = Limits(
        max_body_bytes=100,
        max_inflated_bytes=120,
        max_batch_size=3,
        max_json_depth=4,
        timeout_in_ms=100,
    )
    return make_client(ModelConfig("small", base_path), limits=limits)


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
