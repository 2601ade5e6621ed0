"""B2 and B3: the row format, `instances` and `predictions`."""

from __future__ import annotations

from tests.server.conformance.case import bad, ok

FIRST = "Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: "
SECOND = FIRST.replace("0", "1")


def _body(signature: str, instances: str) -> str:
    return f'{{"signature_name": "{signature}", "instances": {instances}}}'


CASES = [
    ok("plain rows", '{"instances": [[1, 2], [3, 4.5]]}', {"predictions": [[5], [12]]}),
    ok("rows as objects", '{"instances": [{"x": [1, 2]}]}', {"predictions": [[5.0]]}),
    ok("strings", _body("echo", '["a", "\\u00e9"]'), {"predictions": ["a", "\u00e9"]}),
    ok(
        "base64 objects are values",
        _body("echo", '[{"b64": "YQ=="}, "b"]'),
        {"predictions": ["a", "b"]},
    ),
    ok(
        "base64 within objects",
        _body("echo", '[{"text": {"b64": "YQ=="}}]'),
        {"predictions": ["a"]},
    ),
    ok(
        "several inputs, keys in any order",
        _body("pick", '[{"a": 1, "b": true}, {"b": false, "a": 2}]'),
        {"predictions": [1, -2]},
    ),
    ok(
        "several outputs make objects",
        _body("hash", '["b"]'),
        {
            "predictions": [
                {
                    "bits": [0, 1],
                    "code_bytes": {"b64": "Yg=="},
                    "out_of_vocabulary": False,
                }
            ]
        },
    ),
    ok(
        "rows of lists",
        _body("matrix", "[[1, 2], [3, 4]]"),
        {"predictions": [[1, 2], [3, 4]]},
    ),
    ok("rows without elements", _body("matrix", "[[], []]"), {"predictions": [[], []]}),
    ok(
        "one of two outputs in base64",
        _body("pages", '[["a", "b"]]'),
        {
            "predictions": [
                {
                    "first_bytes": [{"b64": "YQ=="}, {"b64": "Yg=="}],
                    "second": ["a", "b"],
                }
            ]
        },
    ),
    bad(
        "instances is no list",
        '{"instances": 1}',
        "JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an "
        "list/array",
    ),
    bad(
        "instances is an object",
        '{"instances": {}}',
        "JSON Value: {\n    \"instances\": {}\n} Expecting 'instances' to be an "
        "list/array",
    ),
    bad(
        "no instances",
        '{"instances": []}',
        "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
    ),
    bad(
        "number for a string",
        _body("echo", "[1]"),
        f"{FIRST}JSON Value: 1 Type: Number is not of expected type: string",
    ),
    bad(
        "null for a string",
        _body("echo", "[null]"),
        f"{FIRST}JSON Value: null Type: Null is not of expected type: string",
    ),
    bad(
        "the first fault is reported",
        _body("echo", '["a", true, 1]'),
        f"{SECOND}JSON Value: true Type: True is not of expected type: string",
        guess=True,
    ),
    bad(
        "string for a float",
        '{"instances": [["1", 2]]}',
        f'{FIRST}JSON Value: "1" Type: String is not of expected type: float',
    ),
    bad(
        "base64 for a float",
        '{"instances": [[{"b64": "YQ=="}, 2]]}',
        f'{FIRST}JSON Value: {{\n    "b64": "YQ=="\n}} Type: Object is not of expected '
        "type: float",
    ),
    bad(
        "unknown input",
        '{"instances": [{"z": [1, 2]}]}',
        "Failed to process element: 0 key: z of 'instances' list. Error: "
        "INVALID_ARGUMENT: JSON object: does not have named input: z",
    ),
    bad(
        "input is missing",
        _body("pick", '[{"a": 1}]'),
        "Failed to process element: 0 of 'instances' list. JSON object: "
        '{\n    "a": 1\n} keys must be equal to: a,b',
    ),
    bad(
        "object without keys",
        '{"instances": [{}]}',
        "Failed to process element: 0 of 'instances' list. JSON object: {} keys must "
        "be equal to: x",
    ),
    bad(
        "fault in a named input",
        _body("pick", '[{"a": 1, "b": 0}]'),
        "Failed to process element: 0 key: b of 'instances' list. Error: "
        "INVALID_ARGUMENT: JSON Value: 0 Type: Number is not of expected type: bool",
    ),
    bad(
        "plain list for several inputs",
        _body("pick", "[1]"),
        "instances is a plain list, but expecting list of objects as multiple input "
        "tensors required as per tensorinfo_map",
    ),
    bad(
        "list among objects",
        '{"instances": [{"x": [1, 2]}, [1, 2]]}',
        "Expecting object but got list at item 1 of input list",
    ),
    bad(
        "object among lists",
        '{"instances": [[1, 2], {"x": [1, 2]}]}',
        "Expecting value/list but got object at item 1 of input list",
    ),
    bad(
        "rows of two sizes",
        '{"instances": [[1, 2], [1, 2, 3]]}',
        f"{SECOND}Expecting tensor size: 2 but got: 3",
    ),
    bad(
        "rows of two shapes",
        _body("matrix", "[[1, 2], [[1], [2]]]"),
        f"{SECOND}Expecting shape [2] but got: [2,1]",
    ),
    bad(
        "ragged within a row",
        _body("matrix", "[[[1, 2], [3]]]"),
        f"{FIRST}Encountered list at unexpected size: 1 at level: 1 expected size: 2",
    ),
    bad(
        "list where a value was",
        _body("matrix", "[[1, [2]]]"),
        f"{FIRST}Encountered list at unexpected level: 1 expected < 1",
    ),
    bad(
        "value where a list was",
        _body("matrix", "[[[1], 2]]"),
        f"{FIRST}JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected "
        "at level: 2",
    ),
    bad(
        "base64 with another key",
        _body("echo", '[["a", {"b64": "YQ==", "x": 1}]]'),
        f'{FIRST}JSON Value: {{\n    "b64": "YQ==",\n    "x": 1\n}} not formatted '
        "correctly for base64 data",
    ),
    bad(
        "base64 that is none",
        _body("echo", '[{"b64": "*"}]'),
        f"{FIRST}Unable to base64 decode",
    ),
    bad(
        "output without rows",
        _body("scalar", "[1, 2]"),
        "Tensor name: total has no shape information ",
    ),
    bad(
        "outputs of two lengths",
        _body("unequal", "[1, 2]"),
        "Tensor name: b has inconsistent batch size: 1 expecting: 2",
    ),
    bad(
        "output of a type that JSON does not have",
        _body("half", "[1]"),
        "Failed to write JSON value for tensor type: half",
    ),
]
