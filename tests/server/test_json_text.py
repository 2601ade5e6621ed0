from __future__ import annotations

import math

import numpy as np
import pytest

from wish_tf.server.json_text import debug_json, quote_json


def test_quote():
    assert quote_json('a"\\/\b\f\n\r\t\x1f\x7f\u00e9') == (
        '"a\\"\\\\/\\b\\f\\n\\r\\t\\u001F\x7f\u00e9"'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (0.1, "0.1"),
        (9e6, "9e+06"),
        (1e300, "1e+300"),
        (math.nan, "NaN"),
        (2**64, "1.8446744073709552e+19"),
        ([], "[]"),
        ({}, "{}"),
        ([-math.inf, 9e6], "[\n    -Infinity,\n    9000000.0\n]"),
        (
            {"a": [1, {"b": None}], "c": "\u00e9"},
            '{\n    "a": [\n        1,\n        {\n            "b": null\n        }\n'
            '    ],\n    "c": "\u00e9"\n}',
        ),
    ],
)
def test_debug(value: object, text: str):
    assert debug_json(value) == text


def test_debug_is_cut_at_256_bytes():
    assert debug_json("x" * 300) == '"' + "x" * 255
    assert debug_json("x" * 254) == '"' + "x" * 254 + '"'
    # The 128th e-acute takes bytes 256 and 257: it is left out whole.
    assert debug_json("\u00e9" * 200) == '"' + "\u00e9" * 127
    assert debug_json({"k" * 1000: 1}).endswith("k")


def test_debug_of_a_huge_document_does_not_write_it_all():
    huge = np.zeros(1_000_000).tolist()
    assert len(debug_json({"instances": huge})) == 256
