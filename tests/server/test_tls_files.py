from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import grpc
import httpx
import pytest
from tensorflow_serving.apis import get_model_status_pb2, model_service_pb2_grpc

from wish_tf.errors import InputError
from wish_tf.server import TlsFiles


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


def test_rest_and_grpc_are_served_with_tls_and_token(
    tls: TlsFiles, base_path: Path, tmp_path: Path, unused_port: int
):
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    command = ["serve", str(base_path), "--name", "m", "--rest_api_port", "0"]
    command += ["--port", str(unused_port), "--token-file", str(token)]
    command += ["--ssl_certfile", str(tls.certificate), "--ssl_keyfile", str(tls.key)]
    process = subprocess.Popen(
        [sys.executable, "-m", "wish_tf", *command],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        lines = []
        for line in process.stderr:
            lines.append(line.strip())
            if "Serving https://" in line:
                break
        assert f"Serving gRPC on 127.0.0.1 port {unused_port}" in lines
        url = lines[-1].removeprefix("Serving ")
        headers = {"Authorization": "Bearer s3cret"}
        verify = ssl.create_default_context(cafile=tls.certificate)
        assert httpx.get(url, headers=headers, verify=verify).status_code == 200
        assert httpx.get(url, verify=verify).status_code == 401
        credentials = grpc.ssl_channel_credentials(tls.certificate.read_bytes())
        with grpc.secure_channel(f"127.0.0.1:{unused_port}", credentials) as channel:
            request = get_model_status_pb2.GetModelStatusRequest()
            request.model_spec.name = "m"
            response = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(
                request, metadata=[("authorization", "Bearer s3cret")]
            )
        assert response.model_version_status[0].version == 12
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
