from __future__ import annotations

import math

import pytest

from wish_tf.server.json_reader import RepeatedKeys, read_json
from wish_tf.server.serving_error import ServingError


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1} trailing } bytes', {"a": 1}),
        (b'{"a": 1}{"a": 2}', {"a": 1}),
        (b' \t\r\n{"a": [1, 2.0, true, null]}', {"a": [1, 2.0, True, None]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2, "b": 3}', {"b": 3, "a": 1}),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b"[Infinity, -Infinity]", [math.inf, -math.inf]),
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
    assert math.isnan(read_json(b"[NaN]")[0])


def test_repeated_keys_are_marked():
    assert type(read_json(b'{"a": 1, "a": 1}')) is RepeatedKeys
    assert type(read_json(b'{"a": 1, "b": 1}')) is dict


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"  ", b"instances = [1, 2]", b"nulL", b"[-]", b"[+1]", b"[Infinit]"),
        *(b"[NAN]", b"[1,]", b"[1 2]", b"[01]", b"[1", b"{1:2}", b'{"a":1,}', b"[1.]"),
        *(b'{"a" 1}', b'{"a":1 "b"}', b'["\xc3\xa9', b'["a\nb"]', b'["a\\x"]', b"[1e]"),
        *(b'["\\u12G4"]', b'["\\ud83d"]', b'["\\ud83d\\u0041"]', b'["\\ude00"]'),
        b"9" * 5000,
        *(b"[" * 100_000, b"[" * 100_000 + b"Inf"),
    ],
)
def test_parse_error(body: bytes):
    with pytest.raises(ServingError, match="^INVALID_ARGUMENT: JSON Parse error: "):
        read_json(body)
