"""B2: what counts as a JSON document."""

from __future__ import annotations

from tests.server.conformance.case import bad, ok

SUM = {"predictions": [[5.0]]}

CASES = [
    bad("empty body", "", "JSON Parse error: The document is empty"),
    bad(
        "body of spaces",
        "  ",
        "JSON Parse error: The document is empty. at offset: 2",
        guess=True,
    ),
    bad("no JSON", "instances", "JSON Parse error: Invalid value. at offset: 0"),
    bad(
        "object that does not end",
        '{"instances": [[1, 2]]',
        "JSON Parse error: Missing a comma or '}' after an object member. "
        "at offset: 22",
    ),
    bad(
        "list that does not end",
        '{"instances": [[1, 2]',
        "JSON Parse error: Missing a comma or ']' after an array element. "
        "at offset: 21",
    ),
    bad(
        "key without quotes",
        "{instances: 1}",
        "JSON Parse error: Missing a name for object member. at offset: 1",
    ),
    bad(
        "key without a colon",
        '{"instances" 1}',
        "JSON Parse error: Missing a colon after a name of object member. "
        "at offset: 13",
    ),
    bad("list at the top", "[]", "JSON Value: [] Is not object"),
    bad("string at the top", '"a"', 'JSON Value: "a" Is not object'),
    bad("number at the top", "12", "JSON Value: 12 Is not object"),
    bad("null at the top", "null", "JSON Value: null Is not object"),
    ok("bytes after the object are ignored", '{"instances": [[1, 2]]}}}x', SUM),
    ok("unknown keys are ignored", '{"instances": [[1, 2]], "other": {"a": []}}', SUM),
    ok(
        "the first of equal keys counts",
        '{"instances": [[1, 2]], "instances": [[0, 0]]}',
        SUM,
        guess=True,
    ),
    ok("spaces and newlines", '\n {\t"instances" :\r\n[ [1 , 2 ] ] }', SUM),
    ok("empty signature_name", '{"signature_name": "", "instances": [[1, 2]]}', SUM),
    ok(
        "signature_name after the instances",
        '{"instances": ["a"], "signature_name": "echo"}',
        {"predictions": ["a"]},
    ),
    bad(
        "signature_name null",
        '{"signature_name": null}',
        'JSON Value: {\n    "signature_name": null\n} not formatted correctly. '
        "'signature_name' key must be a string value.",
    ),
    bad("neither key", "{}", "Missing 'inputs' or 'instances' key"),
    bad(
        "both keys",
        '{"inputs": [[1, 2]], "instances": []}',
        'JSON Value: {\n    "inputs": [\n        [\n            1,\n            2\n'
        '        ]\n    ],\n    "instances": []\n} Not formatted correctly expecting '
        "only one of 'inputs' or 'instances' keys to exist ",
    ),
    bad(
        "long values are cut at 256 bytes",
        '"' + "a" * 300 + '"',
        'JSON Value: "' + "a" * 255 + " Is not object",
    ),
]
