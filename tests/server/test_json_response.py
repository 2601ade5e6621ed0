from __future__ import annotations

import json

import numpy as np
import pytest

from wish_tf.server.json_response import encode_predict
from wish_tf.server.serving_error import ServingError

INTS = np.array([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]], "i4")
WORDS = np.array([[b"hello", b"world"], [b"tf", b"serving"]], object)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.arange(1, 4), "[1,2,3]"),
        (INTS, "[[[1,2],[3,4],[5,6]],[[7,8],[9,0],[1,2]]]"),
        (np.array([0.1, 5, 1 / 3], "f4"), "[0.1,5.0,0.33333334]"),
        (np.array([0.5, np.nan, -np.inf], "f4"), "[0.5, NaN, -Infinity]"),
        (np.array([0.1]), "[0.1]"),
        (np.array([True, False]), "[true,false]"),
        (np.array([2**64 - 1], "u8"), "[18446744073709551615]"),
        (np.array([b'a"b', b"\xc3\xa9"], object), '["a\\"b","\u00e9"]'),
        (np.empty((0, 2)), "[]"),
        (np.empty((2, 0), "f4"), "[[],[]]"),
        (np.empty(0, "f2"), "[]"),
    ],
)
def test_one_output(array: np.ndarray, text: str):
    for row_format, key in ((True, "predictions"), (False, "outputs")):
        body = encode_predict({"any": array}, row_format).decode()
        assert body.replace('": [', '":[') == f'{{"{key}":{text}}}'


def test_several_outputs():
    outputs = {
        "double": np.array([8.0, 9.0]),
        "float": np.array([[1.0], [2.5]], "f4"),
        "one_float": np.array([0.1, 0.2], "f4"),
        "int": INTS,
        "str": WORDS,
        "str_bytes": WORDS,
    }
    body = encode_predict(outputs, row_format=True)
    assert b'"one_float":0.2' in body
    assert json.loads(body)["predictions"][1] == {
        "double": 9.0,
        "float": [2.5],
        "one_float": 0.2,
        "int": [[7, 8], [9, 0], [1, 2]],
        "str": ["tf", "serving"],
        "str_bytes": [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}],
    }
    columns = json.loads(encode_predict(outputs, row_format=False))["outputs"]
    assert list(columns) == list(outputs) and columns["int"] == INTS.tolist()
    assert columns["str_bytes"][0][1] == {"b64": "d29ybGQ="}


def test_not_finite_numbers_of_one_of_several_outputs():
    outputs = {"a": np.array([np.nan, 0.5], "f4"), "b": np.array([0.25, 1], "f4")}
    assert encode_predict(outputs, row_format=True) == (
        b'{"predictions": [{"a": NaN, "b": 0.25}, {"a": 0.5, "b": 1.0}]}'
    )


def test_scalars_are_columns_only():
    outputs = {"v": np.array(0.1, "f4"), "w": np.array([2])}
    assert encode_predict(outputs, row_format=False) == b'{"outputs":{"v":0.1,"w":[2]}}'


def test_floats_give_the_numbers_back():
    rng = np.random.default_rng(0)
    values = rng.normal(size=5000) * 10.0 ** rng.integers(-40, 38, 5000)
    for array in (values.astype("f4"), values):
        read = json.loads(encode_predict({"x": array}, True))["predictions"]
        np.testing.assert_array_equal(np.array(read).astype(array.dtype), array)


def test_bytes_without_the_suffix_go_in_as_they_are():
    body = encode_predict({"raw": np.array([b"\xff"], object)}, row_format=True)
    assert body == b'{"predictions": ["\xff"]}'


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "got none"),
        ({"v": np.array(1)}, "a row for each instance"),
        ({"a": np.zeros((2, 3)), "b": np.zeros((1, 3))}, "2, 1"),
        ({"a": np.zeros((0, 3)), "b": np.zeros((1, 3))}, "0, 1"),
        ({"c": np.ones(2, "c8")}, "no values of type complex64, output c"),
        ({"c": np.ones(2, "f2")}, "no values of type float16, output c"),
    ],
)
def test_what_cannot_be_written(outputs: dict[str, np.ndarray], message: str):
    with pytest.raises(ServingError, match=message) as caught:
        encode_predict(outputs, row_format=True)
    assert caught.value.code.http_status == 400
