"""New versions of a real model while requests are under way."""

from __future__ import annotations

import functools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import tensorflow as tf

from tests.server.listening import listening
from wish_tf.server import Limits, ModelConfig, ServerOptions
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager, ModelWatcher
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable import load_servable


class _Adder(tf.Module):
    """Adds its version number; `slow` counts first."""

    def __init__(self, version: int) -> None:
        self.number = tf.Variable(float(version))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def add(self, x):
        return {"y": x + self.number}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def slow(self, x):
        i = tf.constant(0)
        while i < 200_000:
            i += 1
        return {"y": x + self.number + 0 * tf.cast(i, tf.float32)}


def _export(base: Path, version: int) -> None:
    """Renamed into place, as an exporter should do it."""
    model = _Adder(version)
    signatures = {"serving_default": model.add, "slow": model.slow}
    temporary = base / f"tmp-{version}"
    tf.saved_model.save(model, str(temporary), signatures=signatures)
    temporary.rename(base / str(version))


@pytest.fixture(params=[None, BatchingParameters()], ids=["plain", "batched"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, ModelManager, httpx.Client]]:
    """Folder, manager and client of a model that is watched."""
    _export(tmp_path, 1)
    predictor = Predictor(Limits(), ServerMetrics())
    config = ModelConfig("m", tmp_path)
    options = ServerOptions(
        config, file_system_poll_wait_seconds=0.05, batching=request.param
    )
    load = functools.partial(load_servable, options, predictor.metrics)
    manager = ModelManager([config], load)
    executor = ThreadPoolExecutor(8)
    app = RestApp(RestHandler(manager, predictor, executor), options)
    with (
        ModelWatcher(manager, options),
        listening(app) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield tmp_path, manager, client
    manager.close()


def _ask(client: httpx.Client, signature: str = "") -> float | None:
    """What the version adds to 0, its number; None if the request failed."""
    body = {"signature_name": signature, "instances": [0]}
    answer = client.post("/v1/models/m:predict", json=body)
    return answer.json()["predictions"][0] if answer.status_code == 200 else None


def _states(manager: ModelManager) -> dict[int, str]:
    return {status.version: status.state.name for status in manager.statuses("m")}


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


def test_no_request_is_lost_when_versions_change(served):
    base, manager, client = served
    answers: list[float | None] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(_ask(client))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for version in (2, 3):
            _export(base, version)
            # A request of this moment may still have begun on the version before.
            _until(lambda version=version: version in answers)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(answers) == {1, 2, 3}
    assert _ask(client) == 3
    _until(lambda: _states(manager) == {3: "AVAILABLE", 2: "END", 1: "END"})


def test_a_slow_request_ends_on_the_version_it_began_on(served):
    base, manager, client = served
    answer: list[float | None] = []
    _export(base / "later", 2)
    thread = threading.Thread(target=lambda: answer.append(_ask(client, "slow")))
    with manager.lease("m") as old:  # so that it begins on 1 and 1 stays
        thread.start()
        version = manager._models["m"]._versions[1]
        _until(lambda: version._leases == 2)
        (base / "later" / "2").rename(base / "2")
        _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "UNLOADING"})
        assert _ask(client) == 2
        inputs = {"x": np.zeros(1, np.float32)}
        assert old.predict("serving_default", inputs)["y"].tolist() == [1.0]
    thread.join()
    _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "END"})
    assert answer == [1]


@pytest.mark.parametrize("broken", ["empty", "half a model", "cut short"])
def test_a_broken_version_leaves_the_old_one_until_it_is_whole(served, broken: str):
    base, manager, client = served
    _export(base / "later", 2)
    whole = base / "later" / "2"
    if broken == "cut short":
        shutil.copytree(whole, base / "later" / "cut")
        data = next((base / "later" / "cut" / "variables").glob("*.data-*"))
        data.write_bytes(data.read_bytes()[:-1])
        (base / "later" / "cut").rename(base / "2")
    else:
        (base / "2").mkdir()
    if broken == "half a model":
        (base / "2" / "saved_model.pb").write_bytes(b"half a mod")
    _until(lambda: _states(manager).get(2) == "END")
    status = client.get("/v1/models/m/versions/2").json()["model_version_status"][0]
    code, message = status["status"].values()
    assert code != "OK" and message.startswith("expected a SavedModel in 2; got what")
    assert str(base) not in message
    assert _ask(client) == 1
    shutil.rmtree(base / "2")
    whole.rename(base / "2")
    _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "END"})
    assert _ask(client) == 2
