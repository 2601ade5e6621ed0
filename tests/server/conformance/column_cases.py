"""B2 and B3: the column format, `inputs` and `outputs`."""

from __future__ import annotations

from tests.server.conformance.case import bad, ok


def _body(signature: str, inputs: str) -> str:
    return f'{{"signature_name": "{signature}", "inputs": {inputs}}}'


CASES = [
    ok("bare list", '{"inputs": [[1, 2], [3, 4]]}', {"outputs": [[5.0], [11.0]]}),
    ok("named list", '{"inputs": {"x": [[1, 2]]}}', {"outputs": [[5.0]]}),
    ok("bare value", _body("count", "3"), {"outputs": 3}),
    ok("bare string", _body("echo", '"a"'), {"outputs": "a"}),
    ok("bare bytes", _body("echo_bytes", '"a"'), {"outputs": {"b64": "YQ=="}}),
    ok(
        "bare strings", _body("echo", '["a", {"b64": "Yg=="}]'), {"outputs": ["a", "b"]}
    ),
    ok(
        "several inputs",
        _body("pick", '{"b": [true, false], "a": [1, 2]}'),
        {"outputs": [1, -2]},
    ),
    ok(
        "unknown inputs are ignored",
        _body("pick", '{"a": [1], "b": [true], "c": "x"}'),
        {"outputs": [1]},
    ),
    ok(
        "several outputs make an object",
        _body("scalar", "[1, 2]"),
        {"outputs": {"total": 3.0, "x": [1.0, 2.0]}},
    ),
    ok(
        "outputs of two lengths",
        _body("unequal", "[1, 2]"),
        {"outputs": {"a": [1.0, 2.0], "b": [1.0]}},
    ),
    ok(
        "no rows",
        _body("hash", "[]"),
        {"outputs": {"bits": [], "code_bytes": [], "out_of_vocabulary": []}},
    ),
    ok(
        "bytes in base64",
        _body("echo_bytes", '[{"b64": "/wA="}]'),
        {"outputs": [{"b64": "/wA="}]},
    ),
    bad(
        "input is missing",
        _body("pick", '{"a": [1]}'),
        "Missing named input: b in 'inputs' object.",
    ),
    bad(
        "no input named", '{"inputs": {}}', "Missing named input: x in 'inputs' object."
    ),
    bad(
        "plain list for several inputs",
        _body("pick", "[1]"),
        "inputs is a plain value/list, but expecting an object as multiple input "
        "tensors required as per tensorinfo_map",
    ),
    bad(
        "string for a float",
        '{"inputs": [["1", 2]]}',
        'JSON Value: "1" Type: String is not of expected type: float',
    ),
    bad(
        "ragged list",
        '{"inputs": [[1, 2], [3]]}',
        "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
    ),
    bad(
        "bad base64",
        _body("echo", '[{"b64": 1}]'),
        'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
    ),
    bad(
        "signature without inputs",
        _body("__saved_model_init_op", "[]"),
        "Failed to get input map for signature: __saved_model_init_op",
        guess=True,
    ),
]
