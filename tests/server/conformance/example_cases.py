"""B4: classify and regress, asked of signatures for predict."""

from __future__ import annotations

from tests.server.conformance.case import MODEL, Case

CLASSIFY = f"{MODEL}:classify"
REGRESS = f"{MODEL}:regress"


def _refused(what: str, body: str, error: str, path: str = CLASSIFY, **more) -> Case:
    return Case(f"classify/regress: {what}", 400, body, path=path, error=error, **more)


def _feature(value: str, error: str) -> Case:
    body = f'{{"examples": [{{"f": {value}}}]}}'
    return _refused(f"feature {value}", body, error)


CASES = [
    _refused("no body", "", "JSON Parse error: The document is empty"),
    _refused("no object", "[]", "JSON Value: [] Is not object"),
    _refused(
        "no examples",
        "{}",
        "JSON Value: {} When method is classify, key 'examples' is expected and was "
        "not found",
    ),
    _refused(
        "no examples for regress",
        "{}",
        "JSON Value: {} When method is classify, key 'examples' is expected and was "
        "not found",
        path=REGRESS,
    ),
    _refused(
        "examples is no list",
        '{"examples": 1}',
        "JSON Value: {\n    \"examples\": 1\n} Expecting 'examples' value to be an "
        "list/array",
    ),
    _refused(
        "empty examples",
        '{"examples": []}',
        "JSON Value: {\n    \"examples\": []\n} 'examples' value is an empty array",
    ),
    _refused(
        "example is no object",
        '{"examples": [1]}',
        "Example must be JSON object but got JSON Number",
    ),
    _refused(
        "context is no object",
        '{"context": "a", "examples": []}',
        "Example must be JSON object but got JSON String",
    ),
    _feature("null", "Feature: f has element with unexpected JSON type: Null"),
    _feature("[[1]]", "Feature: f has element with unexpected JSON type: Array"),
    _feature('{"a": 1}', "Feature: f has element with unexpected JSON type: Object"),
    _feature("[1, 1.5]", "Unexpected element type in feature: f expecting type: int64"),
    _feature("[1.5, 1]", "Unexpected element type in feature: f expecting type: float"),
    _feature('["a", 1]', "Unexpected element type in feature: f expecting type: bytes"),
    _feature(
        "[true, 1.5]", "Unexpected element type in feature: f expecting type: int64"
    ),
    _feature(
        "9223372036854775808",
        "Feature: f has uint64 element. Only int64 is supported.",
    ),
    Case(
        "classify/regress: bad example comes before an unknown model",
        400,
        '{"examples": [1]}',
        path="/v1/models/half:classify",
        error="Example must be JSON object but got JSON Number",
    ),
    Case(
        "classify/regress: unknown model",
        404,
        '{"examples": [{}]}',
        path="/v1/models/half:classify",
        error="Servable not found for request: Latest(half)",
    ),
    _refused(
        "unknown signature",
        '{"signature_name": "nope", "examples": [{"f": 1}]}',
        "No signature was found with the name: nope",
    ),
    _refused(
        "signature with two inputs",
        '{"signature_name": "pick", "examples": [{"f": 1}]}',
        "Expected one input Tensor.",
    ),
    _refused(
        "signature with three outputs",
        '{"signature_name": "hash", "examples": [{"f": [1, true]}]}',
        "Expected one or two output Tensors, found 3",
    ),
    _refused(
        "regress signature with two outputs",
        '{"signature_name": "scalar", "examples": [{"f": [1.5]}]}',
        "Expected one output Tensor.",
        path=REGRESS,
    ),
    Case(
        "classify/regress: input of another name",
        400,
        '{"examples": [{"f": {"b64": "YQ=="}}]}',
        path=CLASSIFY,
        error_start="No classification inputs found in SignatureDef: ",
    ),
    Case(
        "classify/regress: regress input of another name",
        400,
        '{"examples": [{"f": "a"}]}',
        path=REGRESS,
        error_start="No regression inputs found in SignatureDef: ",
    ),
]
