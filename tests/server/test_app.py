from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wish_tf.errors import InputError
from wish_tf.server import create_app

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
        (
            f"{MODEL}:classify",
            "{}",
            501,
            "This server answers predict, status and metadata, not classify",
        ),
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


def test_compressed_bodies_are_refused(client: TestClient):
    response = client.post(PREDICT, content=b"x", headers={"Content-Encoding": "gzip"})
    assert response.status_code == 501
    assert response.json() == {
        "error": "This server does not accept requests with a Content-Encoding"
    }


def test_calls_in_parallel(client: TestClient):
    def call(number: int) -> object:
        body = json.dumps({"instances": [[number, 0]] * 50})
        return client.post(PREDICT, content=body).json()["predictions"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(40)))
    assert answers == [[[float(number)]] * 50 for number in range(40)]


def test_bad_folders(tmp_path: Path):
    with pytest.raises(InputError, match="has none"):
        create_app(tmp_path)
    (tmp_path / "1").mkdir()
    with pytest.raises(
        InputError, match=r"Expected a SavedModel in .*1, but it cannot"
    ):
        create_app(tmp_path)
