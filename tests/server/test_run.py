"""A real server on a real port."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, ServerOptions, run_server

START = """
import pathlib, sys
from wish_tf.server import ModelConfig, ServerOptions, run_server
model = ModelConfig("half", pathlib.Path(sys.argv[1]))
run_server(ServerOptions(model, port=0, rest_api_port=0))
"""


def _run(base_path: Path, **settings: object) -> None:
    settings = {"port": 0, "rest_api_port": 0, **settings}
    run_server(ServerOptions(ModelConfig("half", base_path), **settings))


def _start(base_path: Path) -> tuple[subprocess.Popen, str]:
    """Starts a server in a process of its own and waits for its ready line."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(base_path)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    for line in process.stderr:
        found = re.search(r"Serving (http://127\.0\.0\.1:\d+/v1/models/half)$", line)
        if found:
            # Or the pipe could fill up and stop the server.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, found[1]
    raise AssertionError(f"the server ended with {process.wait()} before it was ready")


@pytest.fixture(scope="module")
def server(base_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    process, url = _start(base_path)
    yield process, url
    process.kill()
    process.wait()


def test_predict(server: tuple[subprocess.Popen, str]):
    response = httpx.post(f"{server[1]}:predict", content='{"instances": [[1, 2]]}')
    assert response.status_code == 200
    assert response.text == '{\n    "predictions": [[5.0]\n    ]\n}'
    assert response.headers["content-type"] == "application/json"


def test_encoded_name_and_raw_path_in_messages(server: tuple[subprocess.Popen, str]):
    _, url = server
    assert httpx.get(url.replace("half", "h%61lf")).status_code == 200
    message = httpx.post(url.replace("half", "h%61lf")).json()["error"]
    assert message == "Malformed request: POST /v1/models/h%61lf"


def test_status_is_answered_while_the_model_runs(server: tuple[subprocess.Popen, str]):
    _, url = server
    slow: list[float] = []

    def run_for_long() -> None:
        body = '{"signature_name": "count", "inputs": 300000}'
        response = httpx.post(f"{url}:predict", content=body, timeout=60)
        assert response.json() == {"outputs": 300000}
        slow.append(time.monotonic())

    thread = threading.Thread(target=run_for_long)
    thread.start()
    time.sleep(0.1)
    assert httpx.get(url).status_code == 200
    answered = time.monotonic()
    thread.join()
    assert answered < slow[0]


def test_port_in_use(base_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            _run(base_path, rest_api_port=port)
    assert str(caught.value) == (
        f"expected to listen on 127.0.0.1 port {port}; got Address already in use"
    )


def test_no_such_host(base_path: Path):
    with pytest.raises(InputError, match=r"^expected to listen on no host port 0; got"):
        _run(base_path, host="no host")


@pytest.mark.parametrize("port", [-1, 65536])
def test_no_such_port(base_path: Path, port: int):
    with pytest.raises(InputError) as caught:
        _run(base_path, rest_api_port=port)
    assert str(caught.value) == f"expected a port from 0 to 65535; got {port}"


def test_no_model(tmp_path: Path):
    with pytest.raises(InputError, match="; got none$"):
        _run(tmp_path)


def _stop(process: subprocess.Popen, url: str, number: signal.Signals) -> int:
    with httpx.Client() as kept_alive:
        assert kept_alive.get(url).status_code == 200
        process.send_signal(number)
        return process.wait(timeout=20)


def test_stops_cleanly_on_sigterm(base_path: Path):
    process, url = _start(base_path)
    try:
        assert _stop(process, url, signal.SIGTERM) == 0
    finally:
        process.kill()
        process.wait()


def test_stops_cleanly_on_sigint(server: tuple[subprocess.Popen, str]):
    """The last test of the module: it ends the server the others share."""
    assert _stop(*server, signal.SIGINT) == 0
