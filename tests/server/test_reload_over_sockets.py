"""Versions that come, go and break, as a client of the running server sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from soaking.server_process import ServerProcess
from tests.server.example_model import export_example

ROW = '{"instances": [[1, 2]]}'


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reloaded") / "model"
    export_example(folder, 1)
    return folder


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[ServerProcess]:
    flag = "--file_system_poll_wait_seconds=0.1"
    with ServerProcess(base.parent / "log", str(base), flag) as process:
        yield process


def _states(server: ServerProcess) -> dict[int, str]:
    entries = httpx.get(server.rest).json()["model_version_status"]
    return {int(entry["version"]): entry["state"] for entry in entries}


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def _truncated(folder: Path) -> None:
    export_example(folder.parent / "whole", int(folder.name))
    (folder.parent / "whole" / folder.name).rename(folder)
    data = next((folder / "variables").glob("*.data-*"))
    data.write_bytes(data.read_bytes()[:-1])


def _not_a_model(folder: Path) -> None:
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\xff" * 100)


@pytest.mark.parametrize(
    ("version", "make", "reason"),
    [
        (2, Path.mkdir, "SavedModel file does not exist at"),
        (3, _not_a_model, "Cannot parse file"),
        (4, _truncated, "Read less bytes than requested"),
    ],
)
def test_a_broken_version_does_not_stop_the_good_one(
    server: ServerProcess,
    base: Path,
    version: int,
    make: Callable[[Path], None],
    reason: str,
):
    make(base / str(version))
    _until(lambda: _states(server).get(version) == "END")
    assert _states(server)[1] == "AVAILABLE"
    answer = httpx.post(f"{server.rest}:predict", content=ROW)
    assert (answer.status_code, answer.json()) == (200, {"predictions": [[5.0]]})
    status = httpx.get(f"{server.rest}/versions/{version}").json()
    (entry,) = status["model_version_status"]
    code, message = entry["status"].values()
    assert code != "OK"
    folder = base / str(version)
    assert f"expected a SavedModel in {folder}; got what cannot be loaded" in message
    assert reason in message
    said = f"Cannot load version {version} in {folder}: {code}: {message}\n"
    _until(lambda: said in server.log)


def test_a_good_version_after_broken_ones_takes_over(server: ServerProcess, base: Path):
    export_example(base / "later", 5)
    (base / "later" / "5").rename(base / "5")
    _until(lambda: _states(server).get(5) == "AVAILABLE")
    _until(lambda: _states(server)[1] == "END")
    answer = httpx.post(f"{server.rest}/versions/5:predict", content=ROW)
    assert answer.json() == {"predictions": [[5.0]]}
    gone = httpx.post(f"{server.rest}/versions/1:predict", content=ROW)
    assert gone.status_code == 404
    assert "Unloaded version 1" in server.log
