"""Asks a server over a socket what TF-Serving's contract says.

Without further ado it is the embedded server. To ask a real one, export the
model and mount it:

    python -m tests.server.conformance.export exported
    docker run -p 8501:8501 \\
        --mount type=bind,source="$PWD/exported",target=/models/conformance \\
        tensorflow/serving \\
        --model_config_file=/models/conformance/models.config \\
        --allow_version_labels_for_unavailable_models
    WISH_TF_SERVING_URL=http://127.0.0.1:8501 pytest tests/server/conformance
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.conformance import (
    column_cases,
    example_cases,
    get_cases,
    json_cases,
    row_cases,
    url_cases,
    value_cases,
)
from tests.server.conformance.case import MODEL, PREDICT, Case
from tests.server.conformance.export import export

VARIABLE = "WISH_TF_SERVING_URL"
FILES = (
    url_cases,
    json_cases,
    row_cases,
    column_cases,
    value_cases,
    example_cases,
    get_cases,
)
CASES = [
    pytest.param(case, id=f"{file.__name__.rpartition('.')[2]}: {case.what}")
    for file in FILES
    for case in file.CASES
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the server that is asked."""
    if url := os.environ.get(VARIABLE):
        with httpx.Client(base_url=url, timeout=60) as client:
            yield client
        return
    folder = tmp_path_factory.mktemp("conformance")
    config = export(folder, mounted=folder)
    flags = ["--port=0", "--rest_api_port=0", f"--model_config_file={config}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "wish_tf", "serve", *flags],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    try:
        lines = iter(process.stderr.readline, "")
        line = next((line for line in lines if "Serving http" in line), None)
        assert line is not None, "the server did not start"
        url = line.split()[1].partition("/v1/")[0]
        with httpx.Client(base_url=url, timeout=60) as client:
            yield client
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_that_of_the_contract(client: httpx.Client, case: Case):
    response = client.request(
        case.method, case.path, content=case.body, headers=case.headers
    )
    assert response.status_code == case.status, response.text
    if case.path.lower().startswith("/v1/"):
        assert response.headers["content-type"] == "application/json"
    if case.guess and VARIABLE in os.environ:
        return
    if case.text is not None:
        assert response.text == case.text
    if case.answer is not None:
        assert response.json() == case.answer
    if case.error is not None:
        assert response.json() == {"error": case.error}
    if case.error_start is not None:
        assert response.json()["error"].startswith(case.error_start)


def test_there_are_many_cases_and_each_says_something_else():
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids)) >= 120


def test_gzip_bodies_are_inflated(client: httpx.Client):
    body = gzip.compress(json.dumps({"instances": [[1, 2]]}).encode())
    headers = {"content-encoding": "gzip"}
    response = client.post(PREDICT, content=body, headers=headers)
    assert (response.status_code, response.json()) == (200, {"predictions": [[5.0]]})


@pytest.mark.parametrize(
    ("which", "version"), [("", "12"), ("/versions/3", "3"), ("/labels/old", "3")]
)
def test_metadata(client: httpx.Client, which: str, version: str):
    response = client.get(f"{MODEL}{which}/metadata")
    assert response.status_code == 200
    spec = {"name": "conformance", "signature_name": "", "version": version}
    assert response.json()["model_spec"] == spec
    signatures = response.json()["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "hash", "pick", "count"} <= signatures.keys()
    assert signatures["serving_default"] == {
        "inputs": {
            "x": {
                "dtype": "DT_FLOAT",
                "tensor_shape": {
                    "dim": [{"size": "-1", "name": ""}, {"size": "2", "name": ""}],
                    "unknown_rank": False,
                },
                "name": "serving_default_x:0",
            }
        },
        "outputs": {
            "y": {
                "dtype": "DT_FLOAT",
                "tensor_shape": {
                    "dim": [{"size": "-1", "name": ""}, {"size": "1", "name": ""}],
                    "unknown_rank": False,
                },
                "name": signatures["serving_default"]["outputs"]["y"]["name"],
            }
        },
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
