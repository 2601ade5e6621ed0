"""New versions of a real model while requests are under way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from wish_tf.server import Limits, ModelConfig
from wish_tf.server.batching import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.model_watcher import ModelWatcher
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable_loader import ServableLoader

PATH = "/v1/models/m:predict"


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
) -> Iterator[tuple[Path, ModelManager, RestHandler]]:
    """Folder, manager and handler of a model that is watched."""
    _export(tmp_path, 1)
    predictor = Predictor(Limits(), ServerMetrics())
    loader = ServableLoader(predictor.limits, predictor.metrics, batching=request.param)
    manager = ModelManager([ModelConfig("m", tmp_path)], loader.load)
    with ModelWatcher(manager, 0.05):
        yield tmp_path, manager, RestHandler(manager, predictor)
    manager.close()


def _ask(handler: RestHandler) -> tuple[int, bytes]:
    """As the server does it: on an event loop if it can be, else in a thread."""
    call = ("POST", PATH, b'{"instances": [0]}')
    return asyncio.run(handler.handle_plain(*call)) or handler.handle(*call)


def _states(manager: ModelManager) -> dict[int, str]:
    return {status.version: status.state.name for status in manager.statuses("m")}


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


def test_no_request_is_lost_when_versions_change(served):
    base, manager, handler = served
    answers: list[tuple[int, bytes]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(_ask(handler))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for version in (2, 3):
            _export(base, version)
            _until(
                lambda version=version: (
                    _states(manager)[1] == "END"
                    and _states(manager).get(version) == "AVAILABLE"
                )
            )
            # A request of this moment may still have begun on the version before.
            of_new = f"{version}.0".encode()
            _until(lambda of_new=of_new: any(of_new in body for _, body in answers))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    bodies = {body.split(b"[")[1].split(b"\n")[0] for _, body in answers}
    assert {status for status, _ in answers} == {200}
    assert bodies == {b"1.0", b"2.0", b"3.0"}
    assert b"3.0" in handler.handle("POST", PATH, b'{"instances": [0]}')[1]
    _until(lambda: _states(manager) == {3: "AVAILABLE", 2: "END", 1: "END"})


def test_a_slow_request_ends_on_the_version_it_began_on(served):
    base, manager, handler = served
    answer: list[tuple[int, bytes]] = []
    body = b'{"signature_name": "slow", "instances": [0]}'
    _export(base / "later", 2)
    thread = threading.Thread(
        target=lambda: answer.append(handler.handle("POST", PATH, body))
    )
    with manager.lease("m") as old:  # so that it begins on 1 and 1 stays
        thread.start()
        version = manager._models["m"]._versions[1]
        _until(lambda: version._leases == 2)
        (base / "later" / "2").rename(base / "2")
        _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "UNLOADING"})
        _, fast = handler.handle("POST", PATH, b'{"instances": [0]}')
        assert b"2.0" in fast
        inputs = {"x": np.zeros(1, np.float32)}
        assert old.predict("serving_default", inputs)["y"].tolist() == [1.0]
    thread.join()
    _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "END"})
    assert answer[0][0] == 200 and b"1.0" in answer[0][1]


def test_a_broken_version_leaves_the_old_one_until_it_is_whole(served):
    base, manager, handler = served
    (base / "2").mkdir()
    (base / "2" / "saved_model.pb").write_bytes(b"half a mod")
    _until(lambda: _states(manager).get(2) == "END")
    status, body = handler.handle("GET", "/v1/models/m", b"")
    assert status == 200
    assert b'"state": "END"' in body and b"got what cannot be loaded" in body
    assert b"1.0" in handler.handle("POST", PATH, b'{"instances": [0]}')[1]
    _export(base / "later", 2)
    for part in (base / "later" / "2").iterdir():
        part.replace(base / "2" / part.name) if part.is_file() else part.rename(
            base / "2" / part.name
        )
    _until(lambda: _states(manager) == {2: "AVAILABLE", 1: "END"})
    assert b"2.0" in handler.handle("POST", PATH, b'{"instances": [0]}')[1]
