"""Requests, and what TF-Serving answers to them: status, shapes and values.

Of the words of an error, only what both servers say of it is compared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

MODEL = "/v1/models/conformance"
PREDICT = f"{MODEL}:predict"
OTHER = "/v1/models/half"
XY = '{"instances": [[1, 2]]}'
SUM = {"predictions": [[5.0]]}


@dataclasses.dataclass(frozen=True)
class Case:
    """A request with its expected response.

    Attributes:
        what: What the case is about, unique.
        status: HTTP status expected.
        body: Request body.
        path: Path of the request, percent-encoded.
        method: HTTP method.
        headers: Headers of the request.
        answer: JSON expected, if the status is 200.
        says: What the error has in it.
        guess: The contract is not sure of it: a real server is not asked.
    """

    what: str
    status: int
    body: str | bytes = b""
    path: str = PREDICT
    method: str = "POST"
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    answer: object = None
    says: str = ""
    guess: bool = False


def _ok(what: str, body: str, answer: object = SUM, **more: object) -> Case:
    return Case(what, 200, body, answer=answer, **more)


def _bad(what: str, body: str, says: str = "", **more: object) -> Case:
    return Case(what, 400, body, says=says, **more)


def _rows(signature: str, instances: str, answer: object, what: str = "") -> Case:
    body = f'{{"signature_name": "{signature}", "instances": {instances}}}'
    name = f"rows of {signature}: {what or instances}"
    if answer == 400:
        return Case(name, 400, body)
    return Case(name, 200, body, answer={"predictions": answer})


def _columns(signature: str, inputs: str, answer: object, what: str = "") -> Case:
    body = f'{{"signature_name": "{signature}", "inputs": {inputs}}}'
    name = f"columns of {signature}: {what or inputs}"
    if answer == 400:
        return Case(name, 400, body)
    return Case(name, 200, body, answer={"outputs": answer})


def _malformed(method: str, path: str) -> Case:
    says = f"Malformed request: {method} {path}"
    return Case(f"{method} {path} is malformed", 400, XY, path, method, says=says)


def _get(what: str, path: str, answer: object = None, **more: object) -> Case:
    return Case(
        what, path=path, method="GET", answer=answer, **({"status": 200} | more)
    )


def _missing(what: str, path: str, says: str, status: int = 404) -> Case:
    return _get(what, path, status=status, says=says)


def _options(what: str, status: int, **headers: str) -> Case:
    return Case(
        f"OPTIONS {what}", status, path=MODEL, method="OPTIONS", headers=headers
    )


def _state(*versions: str) -> dict:
    good = {"error_code": "OK", "error_message": ""}
    return {
        "model_version_status": [
            {"version": version, "state": "AVAILABLE", "status": good}
            for version in versions
        ]
    }


def _examples(what: str, body: str, method: str = "classify") -> Case:
    return Case(f"{method}: {what}", 400, body, path=f"{MODEL}:{method}")


URLS = [
    _ok("newest version", XY),
    _ok("version 3", XY, path=f"{MODEL}/versions/3:predict"),
    _ok("version with zeros in front", XY, path=f"{MODEL}/versions/0012:predict"),
    _ok("label", XY, path=f"{MODEL}/labels/old:predict"),
    _ok("label with percent code", XY, path=f"{MODEL}/labels/ol%64:predict"),
    _ok("model with percent code", XY, path="/v1/models/%63onformance:predict"),
    _ok("case of words", XY, path="/V1/MODELS/conformance/Versions/3:predict"),
    _ok("query is ignored", XY, path=f"{PREDICT}?a=b"),
    _ok("content type is ignored", XY, headers={"content-type": "text/html"}),
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
    _missing("no model name", "/v1/models", "Missing model name in request.", 400),
    _bad(
        "version beyond int64",
        XY,
        "Failed to convert version: 9223372036854775808 to numeric.",
        path=f"{MODEL}/versions/9223372036854775808:predict",
    ),
    _missing(
        "version beyond int64 in a status call",
        f"{MODEL}/versions/99999999999999999999",
        "Failed to convert version: 99999999999999999999 to numeric.",
        400,
    ),
]
# Of several faults the first in this order is reported: path, JSON, type of
# signature_name, model and version, signature, tensors, run.
FAULTS_IN_ORDER = [
    Case("unknown model", 404, XY, f"{OTHER}:predict", says="Latest(half)"),
    Case(
        "unknown version",
        404,
        XY,
        f"{MODEL}/versions/50:predict",
        says="Servable not found for request: Specific(conformance, 50)",
    ),
    Case(
        "unknown version of an unknown model",
        404,
        XY,
        f"{OTHER}/versions/50:predict",
        says="Servable not found for request: Specific(half, 50)",
    ),
    _bad(
        "unknown label",
        XY,
        "Unrecognized servable version label: beta",
        path=f"{MODEL}/labels/beta:predict",
    ),
    _bad(
        "bad path comes before bad JSON",
        "",
        "Malformed request: POST /v1/models/x:y",
        path="/v1/models/x:y",
    ),
    _bad("bad JSON comes before an unknown model", "", path=f"{OTHER}:predict"),
    _bad(
        "bad signature_name comes before an unknown model",
        '{"signature_name": 1}',
        "signature_name",
        path=f"{OTHER}:predict",
    ),
    Case(
        "unknown model comes before an unknown signature",
        404,
        '{"signature_name": "nope"}',
        f"{OTHER}:predict",
        says="Latest(half)",
    ),
    _bad(
        "unknown signature comes before missing inputs",
        '{"signature_name": "nope"}',
        'Serving signature name: "nope" not found in signature def',
    ),
]
JSON = [
    _bad("empty body", "", "JSON Parse error"),
    _bad("body of spaces", "  ", "JSON Parse error"),
    _bad("no JSON", "instances", "JSON Parse error"),
    _bad("object that does not end", '{"instances": [[1, 2]]', "JSON Parse error"),
    _bad("list that does not end", '{"instances": [[1, 2]', "JSON Parse error"),
    _bad("key without quotes", "{instances: 1}", "JSON Parse error"),
    _bad("key without a colon", '{"instances" 1}', "JSON Parse error"),
    _bad("list at the top", "[]"),
    _bad("string at the top", '"a"'),
    _bad("number at the top", "12"),
    _bad("null at the top", "null"),
    _ok("bytes after the object are ignored", '{"instances": [[1, 2]]}}}x'),
    _ok("unknown keys are ignored", '{"instances": [[1, 2]], "other": {"a": []}}'),
    _ok(
        "the first of equal keys counts",
        '{"instances": [[1, 2]], "instances": [[0, 0]]}',
        guess=True,
    ),
    _ok("spaces and newlines", '\n {\t"instances" :\r\n[ [1 , 2 ] ] }'),
    _ok("empty signature_name", '{"signature_name": "", "instances": [[1, 2]]}'),
    _ok(
        "signature_name after the instances",
        '{"instances": ["a"], "signature_name": "echo"}',
        {"predictions": ["a"]},
    ),
    _bad("signature_name null", '{"signature_name": null}', "signature_name"),
    _bad("neither key", "{}", "instances"),
    _bad("both keys", '{"inputs": [[1, 2]], "instances": []}', "inputs"),
    _bad("long values", '"' + "a" * 300 + '"'),
]
_B64_A, _B64_B = {"b64": "YQ=="}, {"b64": "Yg=="}
ROWS = [
    _ok(
        "plain rows", '{"instances": [[1, 2], [3, 4.5]]}', {"predictions": [[5], [12]]}
    ),
    _ok("rows as objects", '{"instances": [{"x": [1, 2]}]}'),
    _rows("echo", '["a", "\\u00e9"]', ["a", "\u00e9"]),
    _rows("echo", '[{"b64": "YQ=="}, "b"]', ["a", "b"]),
    _rows("echo", '[{"text": {"b64": "YQ=="}}]', ["a"]),
    _rows("pick", '[{"a": 1, "b": true}, {"b": false, "a": 2}]', [1, -2]),
    _rows(
        "hash",
        '["b"]',
        [{"bits": [0, 1], "code_bytes": _B64_B, "out_of_vocabulary": False}],
    ),
    _rows("matrix", "[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    _rows("matrix", "[[], []]", [[], []]),
    _rows(
        "pages",
        '[["a", "b"]]',
        [{"first_bytes": [_B64_A, _B64_B], "second": ["a", "b"]}],
    ),
    _bad("instances is no list", '{"instances": 1}', "instances"),
    _bad("instances is an object", '{"instances": {}}', "instances"),
    _bad("no instances", '{"instances": []}', "instances"),
    _rows("echo", "[1]", 400),
    _rows("echo", "[null]", 400),
    _rows("echo", '["a", true, 1]', 400),
    _bad("string for a float", '{"instances": [["1", 2]]}', "float"),
    _bad("base64 for a float", '{"instances": [[{"b64": "YQ=="}, 2]]}', "float"),
    _bad("unknown input", '{"instances": [{"z": [1, 2]}]}', "z"),
    _rows("pick", '[{"a": 1}]', 400),
    _bad("object without keys", '{"instances": [{}]}', "x"),
    _rows("pick", '[{"a": 1, "b": 0}]', 400),
    _rows("pick", "[1]", 400),
    _bad("list among objects", '{"instances": [{"x": [1, 2]}, [1, 2]]}', "list"),
    _bad("object among lists", '{"instances": [[1, 2], {"x": [1, 2]}]}', "object"),
    _bad("rows of two sizes", '{"instances": [[1, 2], [1, 2, 3]]}'),
    _rows("matrix", "[[1, 2], [[1], [2]]]", 400),
    _rows("matrix", "[[[1, 2], [3]]]", 400),
    _rows("matrix", "[[1, [2]]]", 400),
    _rows("matrix", "[[[1], 2]]", 400),
    _rows("echo", '[["a", {"b64": "YQ==", "x": 1}]]', 400),
    _rows("echo", '[{"b64": "*"}]', 400),
    _rows("scalar", "[1, 2]", 400, "output without rows"),
    _rows("unequal", "[1, 2]", 400, "outputs of two lengths"),
    _rows("half", "[1]", 400, "output of a type that JSON does not have"),
]
COLUMNS = [
    _ok("bare list", '{"inputs": [[1, 2], [3, 4]]}', {"outputs": [[5.0], [11.0]]}),
    _ok("named list", '{"inputs": {"x": [[1, 2]]}}', {"outputs": [[5.0]]}),
    _columns("count", "3", 3),
    _columns("echo", '"a"', "a"),
    _columns("echo_bytes", '"a"', _B64_A),
    _columns("echo", '["a", {"b64": "Yg=="}]', ["a", "b"]),
    _columns("pick", '{"b": [true, false], "a": [1, 2]}', [1, -2]),
    _columns("pick", '{"a": [1], "b": [true], "c": "x"}', [1]),
    _columns("scalar", "[1, 2]", {"total": 3.0, "x": [1.0, 2.0]}),
    _columns("unequal", "[1, 2]", {"a": [1.0, 2.0], "b": [1.0]}),
    _columns("hash", "[]", {"bits": [], "code_bytes": [], "out_of_vocabulary": []}),
    _columns("echo_bytes", '[{"b64": "/wA="}]', [{"b64": "/wA="}]),
    _columns("pick", '{"a": [1]}', 400),
    _bad("no input named", '{"inputs": {}}', "x"),
    _columns("pick", "[1]", 400),
    _bad("string for a float in columns", '{"inputs": [["1", 2]]}', "float"),
    _bad("ragged list", '{"inputs": [[1, 2], [3]]}'),
    _columns("echo", '[{"b64": 1}]', 400),
    _columns("__saved_model_init_op", "[]", 400, "signature without inputs"),
]
_INF, _NAN = float("inf"), float("nan")
VALUES = [
    _columns("matrix", "[[3]]", [[3.0]]),
    _columns("matrix", "[[1e3, -2.5E-1]]", [[1000.0, -0.25]]),
    _columns("pick", '{"a": [9223372036854775807], "b": [true]}', [2**63 - 1]),
    _columns("whole", "[2147483647]", [2147483647]),
    _columns("small", "[257]", [1], "8 bits are cut off"),
    _columns("echo", '["x\\u0000y"]', ["x\0y"]),
    _columns("echo", '["\\ud83d\\ude00"]', ["\U0001f600"]),
    _columns("echo", '[""]', [""]),
    *(_columns("whole", f"[{v}]", 400) for v in ("1.0", "2147483648", "true", '"1"')),
    _columns("whole", "[null]", 400),
    _columns("echo", "[1]", 400),
    _columns("echo", "[false]", 400),
    _columns("pick", '{"a": [1.0], "b": [true]}', 400),
    _columns("pick", '{"a": [1], "b": [1]}', 400),
    _columns("scalar", "[1e39, 1e-50]", {"total": _INF, "x": [_INF, 0.0]}),
    _columns("matrix", "[[NaN, Infinity, -Infinity]]", [[_NAN, _INF, -_INF]]),
    _columns("matrix", "[[0.1, 1e21, 123456789]]", [[0.1, 1e21, 123456789.0]]),
    _bad(
        "shape that the graph refuses",
        '{"instances": [[1, 2, 3]]}',
        "Matrix size-incompatible: In[0]: [1,3], In[1]: [2,1]",
    ),
]
_FEATURES = "null [[1]] {} [1,1.5] [1.5,1] [true,1.5] 9223372036854775808".split()
EXAMPLES = [
    _examples("no body", ""),
    _examples("no object", "[]"),
    _examples("no examples", "{}"),
    _examples("no examples", "{}", "regress"),
    _examples("examples is no list", '{"examples": 1}'),
    _examples("empty examples", '{"examples": []}'),
    _examples("example is no object", '{"examples": [1]}'),
    *(
        _examples(f"feature {value}", f'{{"examples": [{{"f": {value}}}]}}')
        for value in (
            "null",
            "[[1]]",
            '{"a": 1}',
            "[1, 1.5]",
            '["a", 1]',
            "[true, 1.5]",
        )
    ),
    Case(
        "classify: bad example comes before an unknown model",
        400,
        '{"examples": [1]}',
        f"{OTHER}:classify",
    ),
    Case("classify: unknown model", 404, '{"examples": [{}]}', f"{OTHER}:classify"),
    *(
        _examples(f"of {name}", f'{{"signature_name": "{name}", "examples": [{{}}]}}')
        for name in ("nope", "pick", "hash", "serving_default")
    ),
    _examples(
        "two outputs", '{"signature_name": "scalar", "examples": [{}]}', "regress"
    ),
    _examples("input of another name", '{"examples": [{"f": "a"}]}', "regress"),
]
GETS = [
    _get("status of all versions", MODEL, _state("12", "3")),
    _get("status of a version", f"{MODEL}/versions/3", _state("3")),
    _get("status of a label", f"{MODEL}/labels/old", _state("3")),
    _get("metadata in capitals is a status", f"{MODEL}/METADATA"),
    _missing("status of none", "/v1/models/x", "any versions of model x"),
    _missing(
        "status of version 4", f"{MODEL}/versions/4", "version 4 of model conformance"
    ),
    _missing("version of none", "/v1/models/x/versions/1", "version 1 of model x"),
    _missing("status of an unknown label", f"{MODEL}/labels/beta", "label: beta", 400),
    _missing("metadata of none", "/v1/models/x/metadata", "Latest(x)"),
    _missing(
        "metadata of an unknown version",
        f"{MODEL}/versions/4/metadata",
        "Servable not found for request: Specific(conformance, 4)",
    ),
    _missing(
        "metadata of an unknown label",
        f"{MODEL}/labels/beta/metadata",
        "Unrecognized servable version label: beta",
        400,
    ),
    _options("without an origin", 400),
    _options("with a null origin", 400, Origin="null"),
    _options("with an origin", 200, Origin="https://example.org"),
    Case("HEAD is malformed", 400, path=MODEL, method="HEAD"),
    Case("the root is no API", 404, path="/", method="POST"),
    _get("another version of the API", "/v2/models/x", status=404),
    _get("v1 without a slash", "/v1", status=404),
]
CASES = URLS + FAULTS_IN_ORDER + JSON + ROWS + COLUMNS + VALUES + EXAMPLES + GETS
