"""B2 and B3: values and types, and how the response is laid out."""

from __future__ import annotations

from tests.server.conformance.case import Case, bad, ok


def _body(signature: str, inputs: str) -> str:
    return f'{{"signature_name": "{signature}", "inputs": {inputs}}}'


def _refused(value: str, signature: str, dtype: str, kind: str, shown: str) -> Case:
    error = f"JSON Value: {shown} Type: {kind} is not of expected type: {dtype}"
    return bad(f"{value} is no {dtype}", _body(signature, f"[{value}]"), error)


CASES = [
    ok("whole number for a float", _body("matrix", "[[3]]"), {"outputs": [[3.0]]}),
    ok(
        "exponents", _body("matrix", "[[1e3, -2.5E-1]]"), {"outputs": [[1000.0, -0.25]]}
    ),
    ok(
        "largest int64",
        _body("pick", '{"a": [9223372036854775807], "b": [true]}'),
        {"outputs": [9223372036854775807]},
    ),
    ok("largest int32", _body("whole", "[2147483647]"), {"outputs": [2147483647]}),
    ok("8 bits are cut off", _body("small", "[257]"), {"outputs": [1]}, guess=True),
    ok("text with a zero", _body("echo", '["x\\u0000y"]'), {"outputs": ["x\0y"]}),
    ok(
        "surrogate pair",
        _body("echo", '["\\ud83d\\ude00"]'),
        {"outputs": ["\U0001f600"]},
    ),
    ok("empty text", _body("echo", '[""]'), {"outputs": [""]}),
    _refused("1.0", "whole", "int32", "Number", "1.0"),
    _refused("2147483648", "whole", "int32", "Number", "2147483648"),
    _refused("true", "whole", "int32", "True", "true"),
    _refused('"1"', "whole", "int32", "String", '"1"'),
    _refused("null", "whole", "int32", "Null", "null"),
    _refused("1", "echo", "string", "Number", "1"),
    _refused("false", "echo", "string", "False", "false"),
    bad(
        "1.0 is no int64",
        _body("pick", '{"a": [1.0], "b": [true]}'),
        "JSON Value: 1.0 Type: Number is not of expected type: int64",
    ),
    bad(
        "1 is no bool",
        _body("pick", '{"a": [1], "b": [1]}'),
        "JSON Value: 1 Type: Number is not of expected type: bool",
    ),
    ok(
        "beyond float32 is infinite, below it 0",
        _body("scalar", "[1e39, 1e-50]"),
        None,
        text='{\n    "outputs": {\n        "total": Infinity,\n        "x": [\n'
        "            Infinity,\n            0.0\n        ]\n    }\n}",
    ),
    ok(
        "NaN and infinity are tokens",
        _body("matrix", "[[NaN, Infinity, -Infinity]]"),
        None,
        text='{\n    "outputs": [\n        [\n            NaN,\n            Infinity,\n'
        "            -Infinity\n        ]\n    ]\n}",
    ),
    ok(
        "layout of rows",
        '{"instances": [[1, 2], [3, 4.5]]}',
        None,
        text='{\n    "predictions": [[5.0], [12.0]\n    ]\n}',
    ),
    ok(
        "layout of objects",
        '{"signature_name": "hash", "instances": ["a"]}',
        None,
        text='{\n    "predictions": [\n        {\n            "bits": [1, 0],\n'
        '            "code_bytes": {\n                "b64": "YQ=="\n            },\n'
        '            "out_of_vocabulary": false\n        }\n    ]\n}',
    ),
    ok(
        "layout of columns",
        '{"inputs": [[1, 2]]}',
        None,
        text='{\n    "outputs": [\n        [\n            5.0\n        ]\n    ]\n}',
    ),
    Case(
        "layout of an error",
        400,
        "{}",
        text="{\n    \"error\": \"Missing 'inputs' or 'instances' key\"\n}",
    ),
    ok(
        "shortest digits",
        _body("matrix", "[[0.1, 1e21, 123456789]]"),
        {"outputs": [[0.1, 1e21, 123456789.0]]},
    ),
    Case(
        "shape that the graph refuses",
        400,
        '{"instances": [[1, 2, 3]]}',
        error_start="Matrix size-incompatible: In[0]: [1,3], In[1]: [2,1]",
    ),
]
