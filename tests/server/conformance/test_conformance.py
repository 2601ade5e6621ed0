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

import json
import os
from collections.abc import Iterator

import httpx
import pytest

from tests.server.conformance.cases import CASES, MODEL, Case

VARIABLE = "WISH_TF_SERVING_URL"


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of the server that is asked."""
    url = os.environ.get(VARIABLE) or request.getfixturevalue("url")
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.mark.parametrize("case", [pytest.param(case, id=case.what) for case in CASES])
def test_the_answer_is_that_of_the_contract(client: httpx.Client, case: Case):
    response = client.request(
        case.method, case.path, content=case.body, headers=case.headers
    )
    if case.guess and VARIABLE in os.environ:
        return
    assert response.status_code == case.status, response.text
    if case.path.lower().startswith("/v1/"):
        assert response.headers["content-type"] == "application/json"
        if case.method not in ("OPTIONS", "HEAD") and case.status != 200:
            assert response.json().keys() == {"error"}
            assert case.says in response.json()["error"]
    if case.answer is not None:
        # NaN is equal to itself as text only.
        assert json.dumps(response.json()) == json.dumps(case.answer) or (
            response.json() == case.answer
        )


def test_there_are_many_cases_and_each_says_something_else():
    names = [case.what for case in CASES]
    assert len(names) == len(set(names)) >= 170


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
