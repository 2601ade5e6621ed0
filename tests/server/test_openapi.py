"""The description of the REST API, and whether the server keeps to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.page.small_hashers import BITS
from wish_tf.server.serving_error import StatusCode

schemathesis = pytest.importorskip("schemathesis", reason="the HTTP fuzzer")
validator = pytest.importorskip("openapi_spec_validator", reason="checks OpenAPI")

FILE = Path(__file__).parents[2] / "serving" / "openapi.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
OPERATIONS = [
    (path, method)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method != "parameters"
]
MODEL = {"model": "conformance", "version": "3", "label": "old"}
HASHER = {"model": "small", "code": "0" * BITS, "text": "send the red array"}
PAGE = "/page/"
ROWS = {"instances": [[1, 2]]}
EXAMPLES = {"examples": [{"x": 1}]}
SIGNATURES = ["serving_default", "hash", "echo", "pick", "matrix", "whole", "pages"]
METRICS = "/monitoring/prometheus/metrics"

GenerationMode = schemathesis.GenerationMode
schema = schemathesis.openapi.from_path(str(FILE))


def check(path: str, method: str, answer: Any, expected: int | None = None) -> None:
    """The status and the body are those of the description."""
    assert expected in (None, answer.status_code), answer.text
    assert str(answer.status_code) in DOCUMENT["paths"][path][method]["responses"]
    schema[path][method.upper()].validate_response(answer)


def ask(url: str, path: str, method: str, which: dict[str, str]) -> httpx.Response:
    body = EXAMPLES if path.endswith(("classify", "regress")) else ROWS
    body = HASHER if path.startswith(PAGE) else body
    return httpx.request(
        method, url + path.format(**which), json=body if method == "post" else None
    )


def test_the_description_is_valid():
    validator.validate(DOCUMENT)


def test_all_codes_have_the_status_that_is_described():
    (codes,) = DOCUMENT["components"]["schemas"]["Code"].values()
    assert codes == [code.name for code in StatusCode]
    for status, reference in DOCUMENT["paths"]["/v1/models/{model}:predict"]["post"][
        "responses"
    ].items():
        name = reference["$ref"].rpartition("/")[2]
        text = DOCUMENT["components"]["responses"][name]["description"]
        for code in re.findall(r"\b[A-Z]{4,}(?:_[A-Z]+)*\b", text.partition(":")[0]):
            assert StatusCode[code].http_status == int(status)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_good_request_is_answered_as_described(url: str, path: str, method: str):
    refused = path.endswith((":classify", ":regress")) or path == "/v1/models"
    check(path, method, ask(url, path, method, MODEL), 400 if refused else 200)


@pytest.mark.parametrize(
    ("path", "method", "unknown"),
    [
        (path, method, name)
        for path, method in OPERATIONS
        for name in MODEL
        if f"{{{name}}}" in path
    ],
)
def test_what_there_is_not(url: str, path: str, method: str, unknown: str):
    expected = 400 if "{label}" in path else 404
    check(path, method, ask(url, path, method, {**MODEL, unknown: "99"}), expected)


@st.composite
def calls(draw: st.DrawFn, path: str, method: str) -> Any:
    """Calls that the description allows, and some that it does not.

    Half of them are for the model that there is, and those that run a signature name
    one that it has.
    """
    operation = schema[path][method.upper()]
    mode = draw(st.sampled_from(list(GenerationMode)))
    known = None
    if draw(st.booleans()) and "{model}" in path:
        known = {name: MODEL[name] for name in MODEL if f"{{{name}}}" in path}
        # Else nothing would be left that can be drawn.
        if method == "get":
            mode = GenerationMode.POSITIVE
    case = draw(operation.as_strategy(mode, path_parameters=known))
    if known and isinstance(case.body, dict):
        case.body["signature_name"] = draw(st.sampled_from(SIGNATURES))
    if path.startswith(PAGE) and isinstance(case.body, dict) and draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(sorted(HASHER))))
        case.body |= {name: HASHER[name] for name in names}
    return case


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_any_request_is_answered_as_described(url: str, path: str, method: str):
    @settings(
        max_examples=15,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(calls(path, method))
    def run(case: Any) -> None:
        answer = case.call(base_url=url)
        # A parameter may make another path of it, such as one with a slash more.
        described = rf"/v1/.*|{PAGE}.*|{METRICS}"
        if re.fullmatch(described, httpx.URL(answer.request.url).path):
            assert answer.status_code != 500, answer.text
            check(path, method, answer)

    run()
