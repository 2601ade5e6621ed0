from __future__ import annotations

import json

import numpy as np
import pytest

from wish_tf.server.predict_response import encode_predict
from wish_tf.server.serving_error import ServingError

INTS = np.array([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]], "i4")
WORDS = np.array([[b"hello", b"world"], [b"tf", b"serving"]], object)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.arange(1, 4), "[1, 2, 3\n    ]"),
        (INTS, "[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]\n    ]"),
        (
            np.array([9e6, 0.5, np.nan, -np.inf], "f4"),
            "[9e+06, 0.5, NaN, -Infinity\n    ]",
        ),
        (np.array([0.1]), "[0.1\n    ]"),
        (np.array([True, False]), "[true, false\n    ]"),
        (np.array([2**64 - 1], "u8"), "[18446744073709551615\n    ]"),
        (np.array([b'a"b', b"\xc3\xa9"], object), '["a\\"b", "\u00e9"\n    ]'),
        (np.empty((0, 2)), "[]"),
        (np.empty((2, 0)), "[[], []\n    ]"),
    ],
)
def test_rows_of_one_output(array: np.ndarray, text: str):
    body = encode_predict({"any": array}, row_format=True)
    assert body.decode() == f'{{\n    "predictions": {text}\n}}'


def test_rows_of_bytes():
    body = encode_predict({"code_bytes": WORDS[0]}, row_format=True).decode()
    assert body == (
        '{\n    "predictions": [{\n            "b64": "aGVsbG8="\n        }, {\n'
        '            "b64": "d29ybGQ="\n        }\n    ]\n}'
    )


def test_rows_of_several_outputs():
    body = encode_predict(
        {"a": INTS[:, :2], "w": WORDS[:, 0]}, row_format=True
    ).decode()
    assert body == (
        '{\n    "predictions": [\n'
        '        {\n            "a": [[1, 2], [3, 4]],\n            "w": "hello"\n'
        "        },\n"
        '        {\n            "a": [[7, 8], [9, 0]],\n            "w": "tf"\n'
        "        }\n    ]\n}"
    )


def test_rows_of_the_contract_example():
    outputs = {
        "double_scalar_tensor": np.array([8.0, 9.0]),
        "float_tensor": np.array([[1.0], [2.0]], "f4"),
        "int_tensor": INTS,
        "str_tensor": WORDS,
        "str_tensor_bytes": WORDS,
    }
    rows = json.loads(encode_predict(outputs, row_format=True))["predictions"]
    assert rows[1] == {
        "double_scalar_tensor": 9.0,
        "float_tensor": [2.0],
        "int_tensor": [[7, 8], [9, 0], [1, 2]],
        "str_tensor": ["tf", "serving"],
        "str_tensor_bytes": [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}],
    }
    columns = json.loads(encode_predict(outputs, row_format=False))["outputs"]
    assert list(columns) == list(outputs)
    assert columns["int_tensor"] == INTS.tolist()
    assert columns["str_tensor_bytes"][0][1] == {"b64": "d29ybGQ="}


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(7), "7"),
        (np.array([1.5, 2.0]), "[\n        1.5,\n        2.0\n    ]"),
        (
            np.array([[1], [2]]),
            "[\n        [\n            1\n        ],\n"
            "        [\n            2\n        ]\n    ]",
        ),
        (np.empty((0, 2)), "[]"),
        (np.empty((1, 0)), "[\n        []\n    ]"),
    ],
)
def test_column_of_one_output(array: np.ndarray, text: str):
    body = encode_predict({"any": array}, row_format=False)
    assert body.decode() == f'{{\n    "outputs": {text}\n}}'


def test_columns_of_several_outputs():
    outputs = {"a": np.array([1]), "b_bytes": np.array([b"\xff"], object)}
    assert encode_predict(outputs, row_format=False).decode() == (
        '{\n    "outputs": {\n        "a": [\n            1\n        ],\n'
        '        "b_bytes": [\n            {\n                "b64": "/w=="\n'
        "            }\n        ]\n    }\n}"
    )


def test_bytes_without_the_suffix_go_in_as_they_are():
    body = encode_predict({"raw": np.array([b"\xff"], object)}, row_format=True)
    assert body == b'{\n    "predictions": ["\xff"\n    ]\n}'


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "Cannot convert empty tensor map to JSON"),
        ({"v": np.array(1)}, "Tensor name: v has no shape information "),
        (
            {"a": np.zeros((2, 3)), "b": np.zeros((1, 3))},
            "Tensor name: b has inconsistent batch size: 1 expecting: 2",
        ),
        (
            {"a": np.zeros((0, 3)), "b": np.zeros((1, 3))},
            "Tensor name: b has inconsistent batch size: 1 expecting: 0",
        ),
        (
            {"c": np.ones(2, "c8")},
            "Failed to write JSON value for tensor type: complex64",
        ),
        ({"c": np.ones(2, "f2")}, "Failed to write JSON value for tensor type: half"),
    ],
)
def test_fault(outputs: dict[str, np.ndarray], message: str):
    with pytest.raises(ServingError) as caught:
        encode_predict(outputs, row_format=True)
    assert str(caught.value) == f"INVALID_ARGUMENT: {message}"


def test_scalars_are_fine_in_columns():
    outputs = {"v": np.array(1), "w": np.array([2])}
    assert json.loads(encode_predict(outputs, row_format=False)) == {
        "outputs": {"v": 1, "w": [2]}
    }
