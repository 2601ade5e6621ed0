from __future__ import annotations

import numpy as np
import pytest

from wish_tf.server.json_reader import read_json
from wish_tf.server.predict_request import decode_predict, signature_name
from wish_tf.server.serving_error import ServingError

ONE_FLOAT = {"x": "float"}
ONE_TEXT = {"text": "string"}
TWO = {"int_tensor": "int32", "str_tensor": "string"}
ROW = "Failed to process element: "


def _decode(body: str, dtypes: dict[str, str]):
    return decode_predict(read_json(body.encode()), dtypes)


@pytest.mark.parametrize(
    ("body", "row_format", "expected"),
    [
        ('{"instances": [1.0, 2]}', True, [1, 2]),
        ('{"instances": [[1, 2], [3, 4]]}', True, [[1, 2], [3, 4]]),
        ('{"instances": [{"x": [1, 2]}, {"x": [3, 4]}]}', True, [[1, 2], [3, 4]]),
        ('{"instances": [[], []]}', True, np.empty((2, 0))),
        ('{"instances": [1], "other": {"a": 1}}', True, [1]),
        ('{"instances": [1], "instances": [2]}', True, [1]),
        ('{"inputs": 5}', False, 5),
        ('{"inputs": [[1, 2]]}', False, [[1, 2]]),
        ('{"inputs": {"x": [1, 2]}}', False, [1, 2]),
        ('{"inputs": {"x": 1, "unknown": "ignored"}}', False, 1),
        ('{"inputs": []}', False, []),
    ],
)
def test_one_input(body: str, row_format: bool, expected: object):
    request = _decode(body, ONE_FLOAT)
    assert request.row_format is row_format
    assert request.inputs.keys() == {"x"}
    assert request.inputs["x"].dtype == np.float32
    np.testing.assert_array_equal(request.inputs["x"], np.array(expected, "f4"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"instances": ["foo", "bar"]}', [b"foo", b"bar"]),
        (
            '{"instances": [{"text": "foo"}, {"text": {"b64": "/w"}}]}',
            [b"foo", b"\xff"],
        ),
        ('{"instances": [{"b64": "aGk="}, "bar"]}', [b"hi", b"bar"]),
        ('{"instances": [[{"b64": "aGk="}], ["bar"]]}', [[b"hi"], [b"bar"]]),
        ('{"inputs": {"b64": "aGk="}}', b"hi"),
        ('{"inputs": {"text": {"b64": "aGk="}}}', b"hi"),
    ],
)
def test_one_text_input(body: str, expected: object):
    assert _decode(body, ONE_TEXT).inputs["text"].tolist() == expected


@pytest.mark.parametrize(
    "body",
    [
        '{"instances": [{"int_tensor": [1, 2], "str_tensor": "a"},'
        ' {"str_tensor": "b", "int_tensor": [3, 4]}]}',
        '{"inputs": {"str_tensor": ["a", "b"], "int_tensor": [[1, 2], [3, 4]]}}',
    ],
)
def test_several_inputs(body: str):
    inputs = _decode(body, TWO).inputs
    assert inputs["int_tensor"].tolist() == [[1, 2], [3, 4]]
    assert inputs["int_tensor"].dtype == np.int32
    assert inputs["str_tensor"].tolist() == [b"a", b"b"]


@pytest.mark.parametrize(
    ("body", "dtypes", "message"),
    [
        ("{}", ONE_FLOAT, "Missing 'inputs' or 'instances' key"),
        (
            '{"instances": [1], "inputs": [1]}',
            ONE_FLOAT,
            'JSON Value: {\n    "instances": [\n        1\n    ],\n    "inputs": [\n'
            "        1\n    ]\n} Not formatted correctly expecting only one of "
            "'inputs' or 'instances' keys to exist ",
        ),
        (
            '{"instances": 1}',
            ONE_FLOAT,
            "JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an "
            "list/array",
        ),
        (
            '{"instances": []}',
            ONE_FLOAT,
            "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
        ),
        (
            '{"instances": [1]}',
            ONE_TEXT,
            ROW + "0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: 1 "
            "Type: Number is not of expected type: string",
        ),
        (
            '{"instances": [[1, 2], ["a", "b"]]}',
            ONE_FLOAT,
            ROW + "1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"a\" "
            "Type: String is not of expected type: float",
        ),
        (
            '{"instances": [[1, 2], [3, 4], [5, 6, 7]]}',
            ONE_FLOAT,
            ROW + "2 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting tensor size: 2 but got: 3",
        ),
        (
            '{"instances": [[1, 2], [[5, 6]]]}',
            ONE_FLOAT,
            ROW + "1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting shape [2] but got: [1,2]",
        ),
        (
            '{"instances": [1, [1]]}',
            ONE_FLOAT,
            ROW + "1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting shape [] but got: [1]",
        ),
        (
            '{"instances": [[[1, 2], [3]]]}',
            ONE_FLOAT,
            ROW + "0 of 'instances' list. Error: INVALID_ARGUMENT: Encountered list at "
            "unexpected size: 1 at level: 1 expected size: 2",
        ),
        (
            '{"instances": [{"y": 1}]}',
            ONE_FLOAT,
            ROW + "0 key: y of 'instances' list. Error: INVALID_ARGUMENT: "
            "JSON object: does not have named input: y",
        ),
        (
            '{"instances": [{"x": 1}, {}]}',
            ONE_FLOAT,
            ROW + "1 of 'instances' list. JSON object: {} keys must be equal to: x",
        ),
        (
            '{"instances": [{"int_tensor": 1}]}',
            TWO,
            ROW
            + "0 of 'instances' list. JSON object: {\n    \"int_tensor\": 1\n} keys "
            "must be equal to: int_tensor,str_tensor",
        ),
        (
            '{"instances": [{"x": 1}, [1]]}',
            ONE_FLOAT,
            "Expecting object but got list at item 1 of input list",
        ),
        (
            '{"instances": [["baz"], {"text": ["baz"]}]}',
            ONE_TEXT,
            "Expecting value/list but got object at item 1 of input list",
        ),
        (
            '{"instances": [1]}',
            TWO,
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map",
        ),
        (
            '{"inputs": [1]}',
            TWO,
            "inputs is a plain value/list, but expecting an object as multiple input "
            "tensors required as per tensorinfo_map",
        ),
        (
            '{"inputs": {"int_tensor": [1]}}',
            TWO,
            "Missing named input: str_tensor in 'inputs' object.",
        ),
        (
            '{"inputs": ["a", null]}',
            ONE_TEXT,
            "JSON Value: null Type: Null is not of expected type: string",
        ),
        (
            '{"instances": [' + "[" * 64 + "]" * 64 + "]}",
            ONE_FLOAT,
            "Expecting at most 64 nested lists but got: 65",
        ),
        (
            '{"instances": [1]}',
            {"x": "half"},
            ROW + "0 of 'instances' list. Error: UNIMPLEMENTED: Conversion of JSON "
            "Value: 1 to type: half",
        ),
    ],
)
def test_fault(body: str, dtypes: dict[str, str], message: str):
    with pytest.raises(ServingError) as caught:
        _decode(body, dtypes)
    assert str(caught.value) == f"INVALID_ARGUMENT: {message}"


def test_signature_name():
    assert signature_name({"signature_name": "hash"}) == "hash"
    assert signature_name({}) == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[1, 2]", "JSON Value: [\n    1,\n    2\n] Is not object"),
        ("NaN", "JSON Value: NaN Is not object"),
        (
            '{"signature_name": 5}',
            'JSON Value: {\n    "signature_name": 5\n} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
    ],
)
def test_bad_top_level(body: str, message: str):
    with pytest.raises(ServingError) as caught:
        signature_name(read_json(body.encode()))
    assert str(caught.value) == f"INVALID_ARGUMENT: {message}"
