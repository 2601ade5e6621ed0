"""How a server starts, ends, and does not start."""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import get_model_status_pb2, model_service_pb2_grpc

from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, ServerOptions, TlsFiles, run_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    """A certificate that signs itself, for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    command += " -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return TlsFiles(certificate, key)


def test_files_that_do_not_go_together(tls: TlsFiles, tmp_path: Path):
    with pytest.raises(InputError, match="expected a PEM certificate and its key"):
        TlsFiles(tls.key, tls.certificate)
    with pytest.raises(InputError, match="cannot be used: No such file"):
        TlsFiles(tls.certificate, tmp_path / "nope")


def test_rest_and_grpc_with_tls_and_token_until_sigint(
    tls: TlsFiles, base_path: Path, tmp_path: Path
):
    """SIGTERM is what ends the server of the other tests."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (tmp_path / "token").write_text("s3cret\n")
    command = ["serve", str(base_path), "--name", "m", "--rest_api_port", "0"]
    command += ["--port", str(port), "--token-file", str(tmp_path / "token")]
    command += ["--ssl_certfile", str(tls.certificate), "--ssl_keyfile", str(tls.key)]
    process = subprocess.Popen(
        [sys.executable, "-m", "wish_tf", *command],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        lines = []
        for line in process.stderr:
            lines.append(line.strip())
            if "Serving https://" in line:
                break
        assert f"Serving gRPC on 127.0.0.1 port {port}" in lines
        url = lines[-1].removeprefix("Serving ")
        headers = {"Authorization": "Bearer s3cret"}
        verify = ssl.create_default_context(cafile=tls.certificate)
        credentials = grpc.ssl_channel_credentials(tls.certificate.read_bytes())
        with (
            httpx.Client(verify=verify) as kept_alive,
            grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel,
        ):
            assert kept_alive.get(url, headers=headers).status_code == 200
            assert kept_alive.get(url).status_code == 401
            body = b"x" * 2**20  # of which nothing is read
            assert kept_alive.post(f"{url}:predict", content=body).status_code == 401
            assert kept_alive.get(url, headers=headers).status_code == 200
            request = get_model_status_pb2.GetModelStatusRequest()
            request.model_spec.name = "m"
            right = [("authorization", "Bearer s3cret")]
            stub = model_service_pb2_grpc.ModelServiceStub(channel)
            response = stub.GetModelStatus(request, metadata=right)
            assert response.model_version_status[0].version == 12
            check = health_pb2_grpc.HealthStub(channel).Check
            for metadata in ([], [("authorization", "Bearer s3cre")]):
                with pytest.raises(grpc.RpcError) as caught:
                    stub.GetModelStatus(request, metadata=metadata)
                assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
            answer = check(health_pb2.HealthCheckRequest(), metadata=right)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            kept_alive.close()  # with TLS, a server waits for the other end to close
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()


def _run(base_path: Path, **settings: object) -> None:
    settings = {"port": 0, "rest_api_port": 0, **settings}
    run_server(ServerOptions(ModelConfig("half", base_path), **settings))


@pytest.mark.parametrize(("flag", "what"), [("rest_api_port", ""), ("port", " (gRPC)")])
def test_port_in_use(base_path: Path, flag: str, what: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            _run(base_path, **{flag: port})
    expected = f"expected to listen on 127.0.0.1 port {port}{what}; got"
    assert str(caught.value).startswith(expected)


def test_no_such_host(base_path: Path):
    with pytest.raises(InputError, match=r"^expected to listen on no host port 0; got"):
        _run(base_path, host="no host")


def test_no_model(tmp_path: Path):
    with pytest.raises(InputError, match="; got none$"):
        _run(tmp_path)
