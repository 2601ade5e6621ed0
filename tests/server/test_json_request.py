from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wish_tf.server.json_reader import read_json
from wish_tf.server.json_request import array_from_json, decode_predict
from wish_tf.server.serving_error import ServingError, StatusCode


def _object(*items: bytes) -> np.ndarray:
    array = np.empty(len(items), object)
    array[:] = items
    return array


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([[1, 2], [3, 4], [5, 6]], "int32", np.array([[1, 2], [3, 4], [5, 6]], "i4")),
        ([1, 2.0, 5.003, 0.0], "float", np.array([1, 2, 5.003, 0], "f4")),
        ([1, 0.662, 2**70], "double", np.array([1, 0.662, 2.0**70])),
        ([1.7e308, -1.7e308, 1e-300], "float", np.array([np.inf, -np.inf, 0], "f4")),
        ([math.nan, math.inf], "float", np.array([np.nan, np.inf], "f4")),
        ([16777217], "float", np.array([16777216], "f4")),
        ([127, 128, 300, -1], "int8", np.array([127, -128, 44, -1], "i1")),
        ([300, -1], "uint8", np.array([44, 255], "u1")),
        ([2**31 - 1, -(2**31)], "int32", np.array([2**31 - 1, -(2**31)], "i4")),
        ([2**63 - 1, -(2**63)], "int64", np.array([2**63 - 1, -(2**63)])),
        ([2**32 - 1, 0], "uint32", np.array([2**32 - 1, 0], "u4")),
        ([2**64 - 1, 1], "uint64", np.array([2**64 - 1, 1], "u8")),
        ([True, False], "bool", np.array([True, False])),
        (["a\x00b", "é", "\udcff"], "string", _object(b"a\x00b", b"\xc3\xa9", b"\xff")),
        ([{"b64": "aGVsbG8="}, "x"], "string", _object(b"hello", b"x")),
        ([], "string", _object()),
        ([[], []], "float", np.empty((2, 0), "f4")),
        (7, "int32", np.array(7, "i4")),
    ],
)
def test_arrays(value: Any, dtype: str, expected: np.ndarray):
    array = array_from_json(value, dtype, "x")
    assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", b""), ("aGk", b"hi"), ("aGk=", b"hi"), ("/+8=", b"\xff\xef")],
)
def test_base64(text: str, expected: bytes):
    array = array_from_json({"b64": text}, "string", "x")
    assert array.shape == () and array.item() == expected


@pytest.mark.parametrize("text", ["a", "aG==k", "aGk==", "aGk*", "a_-k", "="])
def test_bad_base64(text: str):
    with pytest.raises(ServingError, match="INVALID_ARGUMENT: expected base64"):
        array_from_json({"b64": text}, "string", "x")


@pytest.mark.parametrize(
    ("body", "dtype", "message"),
    [
        ("[1, 1.0]", "int32", "type int32 in input x; got 1.0"),
        ("[2147483648]", "int32", "got 2147483648"),
        ("[2147483648]", "uint8", "got 2147483648"),
        ("[1.0]", "int64", "got 1.0"),
        ("[9223372036854775808]", "int64", "got 9223372036854775808"),
        ("[-1]", "uint32", "got -1"),
        ("[-1]", "uint64", "got -1"),
        ("[1]", "bool", "got 1"),
        ("[true]", "int32", "got true"),
        ("[false]", "float", "got false"),
        ('[[2], ["1"]]', "float", 'type float in input x; got "1"'),
        ("null", "string", "type string in input x; got null"),
        ("[1]", "string", "got 1"),
        ("[NaN]", "int32", "got NaN"),
        ('[{"b64": "aGk="}]', "int32", "got an object"),
        ('[{"b64": "aGk=", "x": 1}]', "string", "got another object"),
        ('[{"b64": 1}]', "string", "got another object"),
        ('[{"b64": "aGk=", "b64": "aGk="}]', "string", "got another object"),
        ("[[1], 2]", "int32", "lists of 1 at depth 1 of input x; got 2"),
        ("[1, [2]]", "int32", "got a list of 1"),
        ("[[1, 2], [3]]", "int32", "lists of 2 at depth 1 of input x; got a list of 1"),
        ("[1%s]" % ("0" * 400), "float", "got a larger one"),
        ("[" * 65 + "]" * 65, "int32", "at most 64 nested lists; got 65"),
        ('["%s"]' % ("é" * 300), "int32", f'got "{"é" * 60}"$'),
    ],
)
def test_what_is_no_such_array(body: str, dtype: str, message: str):
    with pytest.raises(ServingError, match=message) as caught:
        array_from_json(read_json(body.encode()), dtype, "x")
    assert caught.value.code is StatusCode.INVALID_ARGUMENT


def test_a_dtype_that_json_does_not_have():
    assert array_from_json([[], []], "half", "x").shape == (2, 0)
    for key, code in (("inputs", "UNIMPLEMENTED"), ("instances", "INVALID_ARGUMENT")):
        with pytest.raises(
            ServingError, match=f"{code}: JSON has no values of type half"
        ):
            decode_predict({key: [1.5]}, {"x": "half"})


def test_a_row_that_names_an_input_twice_is_refused():
    document = read_json(b'{"instances": [{"x": 1}, {"x": 1, "x": 1}]}')
    with pytest.raises(ServingError, match="keys x, each once"):
        decode_predict(document, {"x": "float"})
