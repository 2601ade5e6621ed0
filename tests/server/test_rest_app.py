from __future__ import annotations

import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wish_tf.server import ModelConfig
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.metrics import MonitoringConfig

MODEL = "/v1/models/half%20plus%2Ftwo"
PREDICT = f"{MODEL}:predict"
NO_MODEL = "/v1/models/half:predict"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (
            PREDICT,
            '{"instances": [[1.0, 2.0], [3, 4.5]]}',
            {"predictions": [[5.0], [12.0]]},
        ),
        (PREDICT, '{"instances": [{"x": [1, 2]}]}', {"predictions": [[5.0]]}),
        (PREDICT, '{"inputs": [[1, 2]]}', {"outputs": [[5.0]]}),
        (PREDICT, '{"inputs": {"x": []}}', None),
        (PREDICT, '{"instances": [[1, 2]]} and more', {"predictions": [[5.0]]}),
        (PREDICT, '{"signature_name": "", "inputs": [[1, 2]]}', {"outputs": [[5.0]]}),
        (
            f"{MODEL}/versions/12:predict",
            '{"signature_name": "serving_default", "inputs": [[1, 2]]}',
            {"outputs": [[5.0]]},
        ),
        (
            f"/V1/Models{MODEL[10:]}/Versions/012:predict?query=ignored",
            '{"instances": [[1, 2]]}',
            {"predictions": [[5.0]]},
        ),
        (
            PREDICT,
            '{"signature_name": "hash",'
            ' "instances": ["a", {"b64": "Yg=="}, "\\u00e9"]}',
            {
                "predictions": [
                    {
                        "bits": [1, 0],
                        "code_bytes": {"b64": "YQ=="},
                        "out_of_vocabulary": False,
                    },
                    {
                        "bits": [0, 1],
                        "code_bytes": {"b64": "Yg=="},
                        "out_of_vocabulary": False,
                    },
                    {
                        "bits": [1, -1],
                        "code_bytes": {"b64": "w6k="},
                        "out_of_vocabulary": True,
                    },
                ]
            },
        ),
        (
            PREDICT,
            '{"signature_name": "hash", "inputs": {"text": []}}',
            {"outputs": {"bits": [], "code_bytes": [], "out_of_vocabulary": []}},
        ),
        (
            PREDICT,
            '{"signature_name": "pick", "instances": [{"a": 1, "b": true},'
            ' {"b": false, "a": 2}]}',
            {"predictions": [1, -2]},
        ),
        (
            PREDICT,
            '{"signature_name": "pick",'
            ' "inputs": {"b": [false], "a": [9007199254740993], "c": 0}}',
            {"outputs": [-9007199254740993]},
        ),
        (
            PREDICT,
            '{"signature_name": "scalar", "inputs": [1, 2]}',
            {"outputs": {"total": 3.0, "x": [1.0, 2.0]}},
        ),
        (PREDICT, '{"signature_name": "count", "inputs": 4}', {"outputs": 4}),
        (
            PREDICT,
            '{"signature_name": "echo", "instances": ["x\\u0000\\"y"]}',
            {"predictions": ['x\0"y']},
        ),
    ],
)
def test_predict(client: TestClient, path: str, body: str, expected: object):
    response = client.post(path, content=body)
    if expected is None:
        assert response.status_code == 400  # the graph refuses the shape [0]
        return
    assert (response.status_code, response.json()) == (200, expected)
    assert response.headers["content-type"] == "application/json"


def test_layout_of_a_response(client: TestClient):
    response = client.post(PREDICT, content='{"instances": [[1, 2], [3, 4.5]]}')
    assert response.text == '{\n    "predictions": [[5.0], [12.0]\n    ]\n}'


def test_not_finite_numbers_are_tokens(client: TestClient):
    body = '{"signature_name": "scalar", "inputs": [NaN, -Infinity, 1e39]}'
    text = client.post(PREDICT, content=body).text
    assert text == (
        '{\n    "outputs": {\n        "total": NaN,\n        "x": [\n'
        "            NaN,\n            -Infinity,\n            Infinity\n"
        "        ]\n    }\n}"
    )


def test_bytes_go_through_unchanged(client: TestClient):
    body = b'{"signature_name": "echo_bytes", "instances": ["\xff\\u0000"]}'
    assert client.post(PREDICT, content=body).json() == {
        "predictions": [{"b64": "/wA="}]
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        # Of several faults the first in this order is reported: path, JSON,
        # type of signature_name, model and version, signature, tensors, run.
        (
            "/v1/models/x/y:predict",
            "",
            400,
            "Malformed request: POST /v1/models/x/y:predict",
        ),
        (NO_MODEL, "", 400, "JSON Parse error: The document is empty"),
        (
            NO_MODEL,
            "instances = [1]",
            400,
            "JSON Parse error: Invalid value. at offset: 0",
        ),
        (NO_MODEL, "[]", 400, "JSON Value: [] Is not object"),
        (
            NO_MODEL,
            '{"signature_name": 5}',
            400,
            'JSON Value: {\n    "signature_name": 5\n} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        (
            NO_MODEL,
            '{"signature_name": "nope"}',
            404,
            "Servable not found for request: Latest(half)",
        ),
        (
            "/v1/models/half/versions/50:predict",
            "{}",
            404,
            "Servable not found for request: Specific(half, 50)",
        ),
        (
            f"{MODEL}/versions/3:predict",
            "{}",
            404,
            "Servable not found for request: Specific(half plus/two, 3)",
        ),
        (
            f"{MODEL}/labels/stable:predict",
            "{}",
            400,
            "Unrecognized servable version label: stable",
        ),
        (
            f"{MODEL}/versions/9223372036854775808:predict",
            "",
            400,
            "Failed to convert version: 9223372036854775808 to numeric.",
        ),
        (
            PREDICT,
            '{"signature_name": "nope"}',
            400,
            'Serving signature name: "nope" not found in signature def',
        ),
        (PREDICT, "{}", 400, "Missing 'inputs' or 'instances' key"),
        (
            PREDICT,
            '{"instances": [["1", 2]]}',
            400,
            "Failed to process element: 0 of 'instances' list. Error: "
            'INVALID_ARGUMENT: JSON Value: "1" Type: String is not of expected type: '
            "float",
        ),
        (
            PREDICT,
            '{"signature_name": "scalar", "instances": [1, 2]}',
            400,
            "Tensor name: total has no shape information ",
        ),
        (
            PREDICT,
            '{"signature_name": "unequal", "instances": [1, 2]}',
            400,
            "Tensor name: b has inconsistent batch size: 1 expecting: 2",
        ),
        (
            PREDICT,
            '{"signature_name": "half", "instances": [1, 2]}',
            400,
            "Failed to write JSON value for tensor type: half",
        ),
        (
            PREDICT,
            '{"signature_name": "pick", "inputs": {"a": [1]}}',
            400,
            "Missing named input: b in 'inputs' object.",
        ),
        (PREDICT, "[" * 50_000, 400, "JSON Parse error: Nested too deeply."),
    ],
)
def test_fault(client: TestClient, path: str, body: str, status: int, message: str):
    response = client.post(path, content=body)
    assert (response.status_code, response.json()) == (status, {"error": message})
    assert response.headers["content-type"] == "application/json"


def test_layout_of_an_error(client: TestClient):
    response = client.post(PREDICT, content='{"x": "\u00e9"')
    assert response.text == (
        '{\n    "error": "JSON Parse error: Missing a comma or \'}\' after an object '
        'member. at offset: 10"\n}'
    )


def test_fault_in_the_graph(client: TestClient):
    response = client.post(PREDICT, content='{"instances": [[1, 2, 3]]}')
    assert response.status_code == 400
    assert response.json()["error"].startswith("Matrix size-incompatible")


STATUS_12 = """\
{
 "model_version_status": [
  {
   "version": "12",
   "state": "AVAILABLE",
   "status": {
    "error_code": "OK",
    "error_message": ""
   }
  }
 ]
}
"""


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}/versions/12"])
def test_status(client: TestClient, path: str):
    response = client.get(path)
    assert (response.status_code, response.text) == (200, STATUS_12)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/v1/models/x", 404, "Could not find any versions of model x"),
        ("/v1/models/x/versions/1", 404, "Could not find version 1 of model x"),
        (f"{MODEL}/versions/3", 404, "Could not find version 3 of model half plus/two"),
        (f"{MODEL}/labels/a", 400, "Unrecognized servable version label: a"),
        ("/v1/models/x/metadata", 404, "Servable not found for request: Latest(x)"),
        ("/v1/models", 400, "Missing model name in request."),
        ("/v1/foo", 400, "Malformed request: GET /v1/foo"),
        (PREDICT, 400, f"Malformed request: GET {PREDICT}"),
    ],
)
def test_fault_of_get(client: TestClient, path: str, status: int, message: str):
    response = client.get(path)
    assert (response.status_code, response.json()) == (status, {"error": message})


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(client: TestClient, method: str):
    response = client.request(method, MODEL)
    assert response.status_code == 400
    assert response.json() == {"error": f"Malformed request: {method} {MODEL}"}
    assert client.head(MODEL).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 400), ({"Origin": "null"}, 400), ({"Origin": "https://example.org"}, 200)],
)
def test_options(client: TestClient, headers: dict[str, str], status: int):
    response = client.options(MODEL, headers=headers)
    assert (response.status_code, response.text) == (status, "")
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/models/x", "/monitoring", "/a/v1/b"])
def test_paths_outside_the_api(client: TestClient, path: str):
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html"
    assert "<H1>Not Found</H1>" in response.text


def test_metadata(client: TestClient):
    response = client.get(f"{MODEL}/versions/12/metadata")
    assert response.status_code == 200
    metadata = response.json()
    assert metadata["model_spec"] == {
        "name": "half plus/two",
        "signature_name": "",
        "version": "12",
    }
    definitions = metadata["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "hash", "pick"} <= definitions.keys()
    hash_definition = definitions["hash"]
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert hash_definition["inputs"] == {
        "text": {"dtype": "DT_STRING", "tensor_shape": shape, "name": "hash_text:0"}
    }
    assert hash_definition["outputs"]["bits"]["tensor_shape"]["dim"][1]["size"] == "2"
    assert hash_definition["method_name"] == "tensorflow/serving/predict"
    assert hash_definition["defaults"] == {}


def test_long_bodies_are_refused(small_client: TestClient):
    message = {"error": "Request body is longer than 100 bytes"}
    path = "/v1/models/small:predict"
    whole = small_client.post(path, content=b"x" * 101)
    assert (whole.status_code, whole.json()) == (400, message)
    in_chunks = small_client.post(path, content=iter([b"x" * 60, b"x" * 60]))
    assert (in_chunks.status_code, in_chunks.json()) == (400, message)
    assert small_client.post(path, content=b" " * 100).status_code == 400
    assert "empty" in small_client.post(path, content=b" " * 100).json()["error"]


def test_long_runs_time_out(small_client: TestClient):
    response = small_client.post(
        "/v1/models/small:predict",
        content='{"signature_name": "count", "inputs": 2147483647}',
    )
    assert response.status_code == 504
    assert response.json() == {"error": "Timed out waiting for notification"}


def test_gzip_bodies_are_inflated(client: TestClient):
    body = gzip.compress(b'{"instances": ') + gzip.compress(b"[[1, 2]]}")
    response = client.post(PREDICT, content=body, headers={"Content-Encoding": "gzip"})
    assert (response.status_code, response.json()) == (200, {"predictions": [[5.0]]})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "Request body is not valid gzip data"),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            "Request body is gzip data that is cut short",
        ),
        (
            gzip.compress(b" " * 121, mtime=0),
            "Request body is longer than 120 bytes when inflated",
        ),
    ],
)
def test_bad_gzip_bodies_are_refused(
    small_client: TestClient, body: bytes, message: str
):
    path = "/v1/models/small:predict"
    headers = {"Content-Encoding": "gzip"}
    response = small_client.post(path, content=body, headers=headers)
    assert (response.status_code, response.json()) == (400, {"error": message})


def test_other_encodings_are_refused(client: TestClient):
    response = client.post(PREDICT, content=b"x", headers={"Content-Encoding": "br"})
    assert response.status_code == 501
    assert response.json() == {
        "error": "Expecting Content-Encoding gzip or none but got: br"
    }


def test_requests_with_too_many_rows_are_refused(small_client: TestClient):
    path = "/v1/models/small:predict"
    rows = [[1, 2]] * 4
    for body in ({"instances": rows}, {"inputs": {"x": rows}}):
        response = small_client.post(path, content=json.dumps(body))
        assert response.status_code == 400
        assert response.json() == {"error": "Expecting at most 3 rows but got: 4"}
    response = small_client.post(path, content=json.dumps({"inputs": rows[:3]}))
    assert response.json() == {"outputs": [[5.0]] * 3}


def test_deep_documents_are_refused(small_client: TestClient):
    path = "/v1/models/small:predict"
    deep = small_client.post(path, content='{"x": [[[[1]]]]}')
    assert deep.status_code == 400
    assert deep.json() == {"error": "JSON Parse error: Nested too deeply."}
    allowed = small_client.post(path, content='{"x": [[[1]]], "y": [[[1]]]}')
    assert allowed.json() == {"error": "Missing 'inputs' or 'instances' key"}


def test_cors_headers_are_sent_when_asked_for(base_path: Path, make_client):
    cors = make_client(ModelConfig("m", base_path), enable_cors_support=True)
    for response in (
        cors.options("/v1/models/m", headers={"Origin": "https://example.org"}),
        cors.get("/v1/models/m"),
        cors.get("/v1/models/nope"),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-allow-methods"] == "POST, GET"
        assert response.headers["access-control-allow-headers"] == "Content-Type"


def test_clients_have_to_show_the_token(base_path: Path, make_client):
    secured = make_client(
        ModelConfig("m", base_path),
        token=BearerToken("open-sesame"),
        monitoring=MonitoringConfig(enable=True),
    )
    right = {"Authorization": "Bearer open-sesame"}
    for path in ("/v1/models/m", "/monitoring/prometheus/metrics"):
        assert secured.get(path, headers=right).status_code == 200
        for headers in ({}, {"Authorization": "Bearer open-sesam"}):
            refused = secured.get(path, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
            assert refused.json() == {
                "error": "Expected a valid bearer token in the Authorization header"
            }


def test_metrics_count_requests_of_models_there_are(base_path: Path, make_client):
    monitored = make_client(
        ModelConfig("m", base_path), monitoring=MonitoringConfig(enable=True)
    )
    monitored.post("/v1/models/m:predict", content='{"instances": [[1, 2], [3, 4]]}')
    monitored.post("/v1/models/m:predict", content="no JSON")
    monitored.post("/v1/models/nope:predict", content='{"instances": [[1, 2]]}')
    page = monitored.get("/monitoring/prometheus/metrics")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain")
    count = ":tensorflow:serving:request_count"
    assert f'{count}{{model_name="m",status="OK"}} 1' in page.text
    assert f'{count}{{model_name="m",status="INVALID_ARGUMENT"}} 1' in page.text
    latency = ":tensorflow:serving:request_latency_count"
    assert f'{latency}{{model_name="m",API="Predict",entrypoint="REST"}} 1' in page.text
    assert ':request_example_count_total{model="m"} 2' in page.text
    assert "nope" not in page.text


def test_a_wrong_path_under_the_metrics_is_said_so(base_path: Path, make_client):
    path = "/monitoring/prometheus/metrics"
    monitored = make_client(
        ModelConfig("m", base_path), monitoring=MonitoringConfig(enable=True)
    )
    wrong = monitored.get(f"{path}/all")
    assert wrong.status_code == 400
    assert wrong.text == f"Unexpected path: {path}/all. Should be {path}"
    assert monitored.get(f"{path}2").status_code == 404


def test_there_are_no_metrics_unless_asked_for(client: TestClient):
    assert client.get("/monitoring/prometheus/metrics").status_code == 404


def test_calls_in_parallel(client: TestClient):
    def call(number: int) -> object:
        body = json.dumps({"instances": [[number, 0]] * 50})
        return client.post(PREDICT, content=body).json()["predictions"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(40)))
    assert answers == [[[float(number)]] * 50 for number in range(40)]


def test_status_is_answered_while_all_runs_are_taken(base_path: Path, make_client):
    busy = make_client(ModelConfig("m", base_path), threads=1)
    body = '{"signature_name": "count", "inputs": 200000}'
    ended: list[float] = []

    def run() -> None:
        assert busy.post("/v1/models/m:predict", content=body).status_code == 200
        ended.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    assert busy.get("/v1/models/m").status_code == 200
    answered = time.monotonic()
    for thread in threads:
        thread.join()
    assert answered < max(ended) and len(ended) == 3
