"""Tiny SavedModels, and servers of them, in a process of their own and in this one."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from soaking.server_process import ServerProcess
from tests.server.conformance.export import export
from tests.server.listening import listening
from tests.server.page.small_hashers import SmallHasher, small_hasher
from wish_tf.server import Limits, ModelConfig, ServerOptions
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable import load_servable

MB = 2**20
MAX_BODY = 16 * MB
RECEIVE_SECONDS = 2


@pytest.fixture(scope="session")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 3 and 12 of one model; 12 is the latest though "3" sorts last."""
    base = tmp_path_factory.mktemp("model")
    export(base, mounted=base)
    (base / "notes").mkdir()
    return base


@pytest.fixture(scope="session")
def hasher(tmp_path_factory: pytest.TempPathFactory) -> SmallHasher:
    """A model with an index; not to be changed."""
    return small_hasher(tmp_path_factory.mktemp("hasher"))


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, base_path: Path, hasher: SmallHasher
) -> Iterator[ServerProcess]:
    """A server process with the model `conformance` and a hasher; small limits.

    It must not log a fault, whatever the tests ask, and end well on SIGTERM.
    """
    folder = tmp_path_factory.mktemp("served")
    config = folder / "models.config"
    second = f"""model_config_list {{ config {{
      name: 'small' base_path: '{hasher.path}' model_platform: 'tensorflow'
    }}"""
    text = (base_path / config.name).read_text()
    config.write_text(text.replace("model_config_list {", second))
    monitoring = folder / "monitoring"
    monitoring.write_text("prometheus_config { enable: true }")
    flags = [
        f"--model_config_file={config}",
        f"--monitoring_config_file={monitoring}",
        f"--index={hasher.index}",
        "--rest_api_timeout_in_ms=2000",
        f"--max_body_bytes={MAX_BODY}",
        f"--receive_timeout_in_ms={1000 * RECEIVE_SECONDS}",
    ]
    with ServerProcess(folder / "log", *flags) as process:
        yield process
    assert process.status == 0
    assert "Traceback" not in process.log, process.log


@pytest.fixture(scope="session")
def url(server: ServerProcess) -> str:
    return server.rest.partition("/v1/")[0]


class MakeClient(Protocol):
    """Type of the fixture `make_client`."""

    def __call__(
        self,
        *configs: ModelConfig,
        limits: Limits = ...,
        batching: BatchingParameters | None = ...,
        **settings: object,
    ) -> httpx.Client: ...


@pytest.fixture(scope="session")
def make_client() -> Iterator[MakeClient]:
    """Makes clients of servers in threads; closes all at the end."""
    with contextlib.ExitStack() as stack:

        def make(
            *configs: ModelConfig,
            limits: Limits | None = None,
            batching: BatchingParameters | None = None,
            threads: int = 8,
            **settings: object,
        ) -> httpx.Client:
            predictor = Predictor(limits or Limits(), ServerMetrics())
            settings = {"monitoring": MonitoringConfig(enable=True), **settings}
            options = ServerOptions(
                configs[0], limits=predictor.limits, batching=batching, **settings
            )
            load = functools.partial(load_servable, options, predictor.metrics)
            manager = ModelManager(configs, load)
            stack.callback(manager.close)
            executor = ThreadPoolExecutor(threads)
            app = RestApp(RestHandler(manager, predictor, executor), options)
            url = stack.enter_context(listening(app))
            return stack.enter_context(httpx.Client(base_url=url, timeout=60))

        yield make


@pytest.fixture(
    scope="session", params=[None, BatchingParameters()], ids=["plain", "batched"]
)
def client(
    request: pytest.FixtureRequest, base_path: Path, make_client: MakeClient
) -> httpx.Client:
    """A server without and one with batching: no answer may differ."""
    return make_client(ModelConfig("half plus/two", base_path), batching=request.param)
