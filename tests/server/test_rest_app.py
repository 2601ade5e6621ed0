"""The HTTP side: what `conformance/` cannot ask its server."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import httpx
import pytest

from tests.server.conftest import MakeClient
from wish_tf.server import Limits, ModelConfig
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.metrics import MonitoringConfig

PREDICT = "/v1/models/half%20plus%2Ftwo:predict"
METRICS = "/monitoring/prometheus/metrics"
GZIP = {"Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def small_client(base_path: Path, make_client: MakeClient) -> httpx.Client:
    """A server with limits low enough to run into."""
    limits = Limits(
        max_body_bytes=100,
        max_inflated_bytes=120,
        max_batch_size=3,
        max_answer_values=5,
        rest_api_timeout_in_ms=100,
    )
    return make_client(ModelConfig("small", base_path), limits=limits)


def test_bytes_go_through_unchanged(client: httpx.Client):
    body = b'{"signature_name": "echo_bytes", "instances": ["\xff\\u0000"]}'
    assert client.post(PREDICT, content=body).json() == {
        "predictions": [{"b64": "/wA="}]
    }
    body = b'{"signature_name": "\xff\xfe"}'
    assert b"\xff\xfe" in client.post(PREDICT, content=body).content


def test_large_bodies_and_answers(client: httpx.Client):
    texts = [f"{number} é" for number in range(5000)]
    body = json.dumps({"signature_name": "echo", "inputs": texts})
    answer = client.post(PREDICT, content=body)
    # The batched server has a limit of rows.
    assert answer.status_code == 400 or answer.json() == {"outputs": texts}
    body = json.dumps({"signature_name": "echo", "inputs": texts[:1000]})
    assert client.post(PREDICT, content=body).json() == {"outputs": texts[:1000]}


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (b"x" * 101, {}, "Request body is longer than 100 bytes"),
        (b" " * 100, {}, "JSON Parse error"),
        (b"{}", GZIP, "Request body is not valid gzip data"),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            GZIP,
            "Request body is gzip data that is cut short",
        ),
        (
            gzip.compress(b" " * 121, mtime=0),
            GZIP,
            "is longer than 120 bytes when inflated",
        ),
        (b'{"instances": [[1,2],[1,2],[1,2],[1,2]]}', {}, "at most 3 rows; got 4"),
        (b'{"inputs": {"x": [[1,2],[1,2],[1,2],[1,2]]}}', {}, "at most 3 rows; got 4"),
        (b'{"signature_name": "hash", "inputs": ["a", "b"]}', {}, "2 rows of 4"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(
    small_client: httpx.Client, body: bytes, headers: dict, error: str
):
    path = "/v1/models/small:predict"
    response = small_client.post(path, content=body, headers=headers)
    assert response.status_code == 400 and error in response.json()["error"]
    if len(body) > 100:
        in_chunks = small_client.post(path, content=iter([body[:60], body[60:]]))
        assert in_chunks.json() == response.json()
    right = small_client.post(path, content='{"inputs": [[1, 2], [1, 2], [1, 2]]}')
    assert right.json() == {"outputs": [[5.0]] * 3}


def test_long_runs_time_out(small_client: httpx.Client):
    response = small_client.post(
        "/v1/models/small:predict",
        content='{"signature_name": "count", "inputs": 2147483647}',
    )
    assert response.status_code == 504


def test_gzip_bodies_are_inflated(client: httpx.Client):
    body = gzip.compress(b'{"instances": ') + gzip.compress(b"[[1, 2]]}")
    response = client.post(PREDICT, content=body, headers=GZIP)
    assert (response.status_code, response.json()) == (200, {"predictions": [[5.0]]})
    other = client.post(PREDICT, content=b"x", headers={"Content-Encoding": "br"})
    assert other.status_code == 501


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/models/x", "/monitoring", "/a/v1/b"])
def test_paths_outside_the_api(client: httpx.Client, path: str):
    response = client.post(path, content=b"x" * 1000)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html"
    assert "<H1>Not Found</H1>" in response.text


def test_cors_headers_are_sent_when_asked_for(base_path: Path, make_client):
    cors = make_client(ModelConfig("m", base_path), rest_api_enable_cors_support=True)
    for response in (
        cors.options("/v1/models/m", headers={"Origin": "https://example.org"}),
        cors.get("/v1/models/m"),
        cors.get("/v1/models/nope"),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-allow-methods"] == "POST, GET"
        assert response.headers["access-control-allow-headers"] == "Content-Type"


def test_clients_have_to_show_the_token(base_path: Path, make_client):
    secured = make_client(ModelConfig("m", base_path), token=BearerToken("open-sesame"))
    right = {"Authorization": "Bearer open-sesame"}
    for path in ("/v1/models/m", METRICS):
        assert secured.get(path, headers=right).status_code == 200
        for headers in ({}, {"Authorization": "Bearer open-sesam"}):
            refused = secured.get(path, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"


def test_metrics_count_requests_of_models_there_are(base_path: Path, make_client):
    monitored = make_client(
        ModelConfig("m", base_path), batching=BatchingParameters(num_batch_threads=1)
    )
    right = '{"instances": [[1, 2], [3, 4]]}'
    for body in (right, "no JSON", '{"instances": [[1, 2, 3]]}'):
        monitored.post("/v1/models/m:predict", content=body)
    monitored.post("/v1/models/nope:predict", content=right)
    page = monitored.get(METRICS)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain")
    count = ":tensorflow:serving:request_count"
    assert f'{count}{{model_name="m",status="OK"}} 1' in page.text
    assert f'{count}{{model_name="m",status="INVALID_ARGUMENT"}} 2' in page.text
    latency = ":tensorflow:serving:request_latency_count"
    assert f'{latency}{{model_name="m",API="Predict",entrypoint="REST"}} 1' in page.text
    assert ':request_example_count_total{model="m"} 2' in page.text
    assert "wrapped_run_count{} 1" in page.text
    assert "nope" not in page.text


def test_where_the_metrics_are(client: httpx.Client, base_path: Path, make_client):
    wrong = client.get(f"{METRICS}/all")
    assert wrong.status_code == 400
    assert wrong.text == f"Unexpected path: {METRICS}/all. Should be {METRICS}"
    assert client.get(f"{METRICS}2").status_code == 404
    without = make_client(ModelConfig("m", base_path), monitoring=MonitoringConfig())
    assert without.get(METRICS).status_code == 404


def test_status_and_merged_calls_are_answered_while_all_threads_are_taken(
    base_path: Path, make_client
):
    busy = make_client(
        ModelConfig("m", base_path), threads=1, batching=BatchingParameters()
    )
    path, stop = "/v1/models/m:predict", threading.Event()
    body = '{"signature_name": "count", "inputs": 30000}'

    def run() -> None:
        while not stop.is_set():
            assert busy.post(path, content=body).status_code == 200

    # There is always one that has the thread and one that waits for it.
    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            assert busy.get("/v1/models/m").status_code == 200
            assert busy.get("/v1/models/m/metadata").status_code == 200
            answer = busy.post(path, content='{"instances": [[1, 2]]}')
            assert answer.json() == {"predictions": [[5.0]]}
    finally:
        stop.set()
        for thread in threads:
            thread.join()
