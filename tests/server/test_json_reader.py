from __future__ import annotations

import json
import math

import pytest

from wish_tf.server.json_reader import RepeatedKeys, _CarefulReader, read_json
from wish_tf.server.serving_error import ServingError


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1} trailing } bytes', {"a": 1}),
        (b'{"a": 1}{"a": 2}', {"a": 1}),
        (b' \t\r\n{"a": [1, 2.0, true, null]}', {"a": [1, 2.0, True, None]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2, "b": 3}', {"a": 1, "b": 3}),
        (b"[Infinity, -Infinity, Inf, -Inf]", [math.inf, -math.inf] * 2),
        (b'"\\u00e9 \\ud83d\\ude00 \xc3\xa9 \\/ \\n"', "\u00e9 \U0001f600 \u00e9 / \n"),
        (b'"\xff"', "\udcff"),
        (b"[18446744073709551616, 1e308, 1E-400]", [2**64, 1e308, 0.0]),
        (b"[1e3, -0.5E+1]", [1000.0, -5.0]),
    ],
)
def test_read(body: bytes, expected: object):
    value = read_json(body)
    assert value == expected
    assert repr(value) == repr(expected)  # 1 is not 1.0, and key order counts


def test_nan():
    first, second = read_json(b"[NaN, -NaN]")
    assert math.isnan(first) and math.isnan(second)


def test_repeated_keys_are_marked():
    assert type(read_json(b'{"a": 1, "a": 1}')) is RepeatedKeys
    assert type(read_json(b'{"a": 1, "b": 1}')) is dict


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The document is empty"),
        (b"  ", "The document is empty. at offset: 2"),
        (b"instances = [1, 2]", "Invalid value. at offset: 0"),
        (b"nulL", "Invalid value. at offset: 3"),
        (b"[-]", "Invalid value. at offset: 2"),
        (b"[+1]", "Invalid value. at offset: 1"),
        (b"[Infinit]", "Invalid value. at offset: 8"),
        (b"[NAN]", "Invalid value. at offset: 2"),
        (b"[1,]", "Invalid value. at offset: 3"),
        (b"[1 2]", "Missing a comma or ']' after an array element. at offset: 3"),
        (b"[01]", "Missing a comma or ']' after an array element. at offset: 2"),
        (b"[1", "Missing a comma or ']' after an array element. at offset: 2"),
        (b"{1:2}", "Missing a name for object member. at offset: 1"),
        (b'{"a":1,}', "Missing a name for object member. at offset: 7"),
        (b'{"a" 1}', "Missing a colon after a name of object member. at offset: 5"),
        (b'{"a":1 "b"}', "Missing a comma or '}' after an object member. at offset: 7"),
        (b'["\xc3\xa9', "Missing a closing quotation mark in string. at offset: 4"),
        (b'["a\nb"]', "Invalid escape character in string. at offset: 3"),
        (b'["a\\x"]', "Invalid escape character in string. at offset: 3"),
        (
            b'["\\u12G4"]',
            "Incorrect hex digit after \\u escape in string. at offset: 2",
        ),
        (b'["\\ud83d"]', "The surrogate pair in string is invalid. at offset: 2"),
        (
            b'["\\ud83d\\u0041"]',
            "The surrogate pair in string is invalid. at offset: 2",
        ),
        (b'["\\ude00"]', "The surrogate pair in string is invalid. at offset: 2"),
        (b"[1.]", "Miss fraction part in number. at offset: 3"),
        (b"[1e]", "Miss exponent in number. at offset: 3"),
        (b"[-1e999]", "Number too big to be stored in double. at offset: 1"),
        (b"9" * 250 + b"e99", "Number too big to be stored in double. at offset: 0"),
        (b"[1E+0309]", "Number too big to be stored in double. at offset: 1"),
        (b"9" * 400, "Number too big to be stored in double. at offset: 0"),
        (b"[" * 100_000, "Nested too deeply."),
        (b"[" * 100_000 + b"Inf", "Nested too deeply."),
    ],
)
def test_parse_error(body: bytes, message: str):
    with pytest.raises(ServingError) as caught:
        read_json(body)
    assert str(caught.value) == f"INVALID_ARGUMENT: JSON Parse error: {message}"


@pytest.mark.parametrize(
    "value",
    [
        {"signature_name": "s", "instances": [{"a": [[1, -2.5e-3]], "b": 'x"\\\n'}]},
        {},
        [],
        [{}, [], "", 0, -0.0, 1e22, True, False, None],
        "\U0001f600\x7f",
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_both_readers_agree_with_json(value: object, ascii_only: bool):
    body = json.dumps(value, ensure_ascii=ascii_only, indent=1).encode()
    assert repr(read_json(body)) == repr(value)
    assert repr(_CarefulReader(body).read()) == repr(value)
