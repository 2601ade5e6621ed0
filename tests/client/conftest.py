from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.played_server import PlayedServer
from wish_tf.client import Client, backoff


@dataclass(frozen=True)
class Certificate:
    """A certificate of `localhost` that is its own authority, and its key."""

    certificate: Path
    key: Path


@pytest.fixture
def server() -> Iterator[PlayedServer]:
    played = PlayedServer()
    yield played
    played.close()


@pytest.fixture
def client(server: PlayedServer) -> Iterator[Client]:
    with Client(server.url, timeout=5) as made:
        yield made


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pauses are is tested where they are made."""
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.001)


@pytest.fixture(scope="session")
def localhost(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made = Certificate(folder / "localhost.pem", folder / "localhost.key")
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        "-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
        f"-out {made.certificate} -keyout {made.key}".split(),
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture
def tls_server(localhost: Certificate) -> Iterator[PlayedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(localhost.certificate, localhost.key)
    played = PlayedServer(context)
    yield played
    played.close()
