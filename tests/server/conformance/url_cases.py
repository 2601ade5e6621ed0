"""B1 and the order of checks: which URL is which call."""

from __future__ import annotations

from tests.server.conformance.case import MODEL, PREDICT, Case, bad, got, ok

ROWS = '{"instances": [[1, 2]]}'
SUM = {"predictions": [[5.0]]}


def _malformed(method: str, path: str) -> Case:
    error = f"Malformed request: {method} {path}"
    what = f"{method} {path} is malformed"
    return Case(what, 400, ROWS, path=path, method=method, error=error)


CASES = [
    ok("newest version", ROWS, SUM),
    ok("version 3", ROWS, SUM, path=f"{MODEL}/versions/3:predict"),
    ok("version with zeros in front", ROWS, SUM, path=f"{MODEL}/versions/0012:predict"),
    ok("label", ROWS, SUM, path=f"{MODEL}/labels/old:predict"),
    ok("label with percent code", ROWS, SUM, path=f"{MODEL}/labels/ol%64:predict"),
    ok("model with percent code", ROWS, SUM, path="/v1/models/%63onformance:predict"),
    ok(
        "case of the words", ROWS, SUM, path="/V1/MODELS/conformance/Versions/3:predict"
    ),
    ok("query is ignored", ROWS, SUM, path=f"{PREDICT}?a=b"),
    ok("content type is ignored", ROWS, SUM, headers={"content-type": "text/html"}),
    _malformed("POST", "/v1/foo"),
    _malformed("POST", "/v1/"),
    _malformed("POST", "/v1/models"),
    _malformed("POST", MODEL),
    _malformed("POST", f"{MODEL}/metadata"),
    _malformed("POST", f"{MODEL}:explain"),
    _malformed("POST", f"{MODEL}:predict/"),
    _malformed("POST", f"{MODEL}/versions/a:predict"),
    _malformed("POST", f"{MODEL}/versions/-1:predict"),
    _malformed("POST", f"{MODEL}/versions/:predict"),
    _malformed("POST", f"{MODEL}/labels/:predict"),
    _malformed("POST", f"{MODEL}/versions/3/labels/old:predict"),
    _malformed("POST", "/v1/models/a/b:predict"),
    _malformed("GET", PREDICT),
    _malformed("GET", "/v1/foo"),
    _malformed("GET", f"{MODEL}/other"),
    _malformed("PUT", MODEL),
    _malformed("PUT", PREDICT),
    _malformed("DELETE", MODEL),
    _malformed("PATCH", MODEL),
    got(
        "no model name",
        "/v1/models",
        status=400,
        error="Missing model name in request.",
    ),
    bad(
        "version beyond int64",
        ROWS,
        "Failed to convert version: 9223372036854775808 to numeric.",
        path=f"{MODEL}/versions/9223372036854775808:predict",
    ),
    got(
        "version beyond int64 in a status call",
        f"{MODEL}/versions/99999999999999999999",
        status=400,
        error="Failed to convert version: 99999999999999999999 to numeric.",
    ),
    Case(
        "unknown model",
        404,
        ROWS,
        path="/v1/models/half:predict",
        error="Servable not found for request: Latest(half)",
    ),
    Case(
        "unknown version",
        404,
        ROWS,
        path=f"{MODEL}/versions/50:predict",
        error="Servable not found for request: Specific(conformance, 50)",
    ),
    Case(
        "unknown version of an unknown model",
        404,
        ROWS,
        path="/v1/models/half/versions/50:predict",
        error="Servable not found for request: Specific(half, 50)",
    ),
    bad(
        "unknown label",
        ROWS,
        "Unrecognized servable version label: beta",
        path=f"{MODEL}/labels/beta:predict",
    ),
    bad(
        "bad path comes before bad JSON",
        "",
        "Malformed request: POST /v1/models/x:y",
        path="/v1/models/x:y",
    ),
    bad(
        "bad JSON comes before an unknown model",
        "",
        "JSON Parse error: The document is empty",
        path="/v1/models/half:predict",
    ),
    bad(
        "bad signature_name comes before an unknown model",
        '{"signature_name": 1}',
        'JSON Value: {\n    "signature_name": 1\n} not formatted correctly. '
        "'signature_name' key must be a string value.",
        path="/v1/models/half:predict",
    ),
    Case(
        "unknown model comes before an unknown signature",
        404,
        '{"signature_name": "nope"}',
        path="/v1/models/half:predict",
        error="Servable not found for request: Latest(half)",
    ),
    bad(
        "unknown signature comes before missing inputs",
        '{"signature_name": "nope"}',
        'Serving signature name: "nope" not found in signature def',
    ),
]
