from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wish_tf.server.json_reader import read_json
from wish_tf.server.json_tensor import tensor_from_json
from wish_tf.server.serving_error import ServingError


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
        (
            ["a\x00b", "\u00e9", "\udcff"],
            "string",
            _object(b"a\x00b", b"\xc3\xa9", b"\xff"),
        ),
        ([{"b64": "aGVsbG8="}, "x"], "string", _object(b"hello", b"x")),
        ([], "string", _object()),
        ([[], []], "float", np.empty((2, 0), "f4")),
        (7, "int32", np.array(7, "i4")),
    ],
)
def test_tensor(value: Any, dtype: str, expected: np.ndarray):
    array = tensor_from_json(value, dtype)
    assert array.dtype == expected.dtype
    assert array.shape == expected.shape
    np.testing.assert_array_equal(array, expected)


def test_scalar_string_in_base64():
    array = tensor_from_json({"b64": "aGVsbG8="}, "string")
    assert array.shape == () and array.item() == b"hello"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", b""),
        ("aGk", b"hi"),
        ("aGk=", b"hi"),
        (" a\nGk. ", b"hi"),
        ("/+8=", b"\xff\xef"),
    ],
)
def test_base64(text: str, expected: bytes):
    assert tensor_from_json({"b64": text}, "string").item() == expected


@pytest.mark.parametrize("text", ["a", "aG==k", "aGk==", "aGk*", "a_-k", "=", "aGVs="])
def test_bad_base64(text: str):
    with pytest.raises(ServingError) as caught:
        tensor_from_json({"b64": text}, "string")
    assert caught.value.message == "Unable to base64 decode"


def _type_error(value: str, kind: str, dtype: str) -> str:
    return f"JSON Value: {value} Type: {kind} is not of expected type: {dtype}"


@pytest.mark.parametrize(
    ("body", "dtype", "message"),
    [
        ("[1, 1.0]", "int32", _type_error("1.0", "Number", "int32")),
        ("[2147483648]", "int32", _type_error("2147483648", "Number", "int32")),
        ("[2147483648]", "uint8", _type_error("2147483648", "Number", "uint8")),
        ("[1.0]", "int64", _type_error("1.0", "Number", "int64")),
        (
            "[9223372036854775808]",
            "int64",
            _type_error("9223372036854775808", "Number", "int64"),
        ),
        ("[-1]", "uint32", _type_error("-1", "Number", "uint32")),
        ("[-1]", "uint64", _type_error("-1", "Number", "uint64")),
        ("[1]", "bool", _type_error("1", "Number", "bool")),
        ("[true]", "int32", _type_error("true", "True", "int32")),
        ("[false]", "float", _type_error("false", "False", "float")),
        ('["1"]', "float", _type_error('"1"', "String", "float")),
        ("[null]", "string", _type_error("null", "Null", "string")),
        ("[1]", "string", _type_error("1", "Number", "string")),
        ("[NaN]", "int32", _type_error("NaN", "Number", "int32")),
        (
            '[{"b64": "aGk="}]',
            "int32",
            _type_error('{\n    "b64": "aGk="\n}', "Object", "int32"),
        ),
        (
            '[{"b64": "aGk=", "x": 1}]',
            "string",
            'JSON Value: {\n    "b64": "aGk=",\n    "x": 1\n} not formatted correctly '
            "for base64 data",
        ),
        (
            '[{"b64": 1}]',
            "string",
            'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
        ),
        (
            '[{"b64": "aGk=", "b64": "aGk="}]',
            "string",
            'JSON Value: {\n    "b64": "aGk="\n} not formatted correctly for base64 '
            "data",
        ),
        (
            "[[1], 2]",
            "int32",
            "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. "
            "Expected at level: 2",
        ),
        ("[1, [2]]", "int32", "Encountered list at unexpected level: 1 expected < 1"),
        (
            "[[1, 2], [3]]",
            "int32",
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        ("[" * 65 + "]" * 65, "int32", "Expecting at most 64 nested lists but got: 65"),
    ],
)
def test_fault(body: str, dtype: str, message: str):
    with pytest.raises(ServingError) as caught:
        tensor_from_json(read_json(body.encode()), dtype)
    assert str(caught.value) == f"INVALID_ARGUMENT: {message}"


def test_dtype_without_json_form_is_unimplemented():
    with pytest.raises(ServingError) as caught:
        tensor_from_json([1.5], "half")
    assert str(caught.value) == (
        "UNIMPLEMENTED: Conversion of JSON Value: 1.5 to type: half"
    )
