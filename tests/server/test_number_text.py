from __future__ import annotations

import math

import numpy as np
import pytest

from wish_tf.server.number_text import float_text, float_texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9000000, "9e+06"),
        (999999, "999999.0"),
        (0.5, "0.5"),
        (0.0003, "0.0003"),
        (0.0001, "0.0001"),
        (0.00003, "3e-05"),
        (555557.5, "555557.5"),
        (0.2, "0.2"),
        (0.1234567, "0.1234567"),
        (16777216, "16777216.0"),
        (3, "3.0"),
        (0, "0.0"),
        (-0.0, "-0.0"),
        (-1.5, "-1.5"),
        (3.4028235e38, "3.4028235e+38"),
        (1e-45, "1.4013e-45"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)
def test_float32(value: float, text: str):
    number = np.float32(value)
    assert float_text(number) == text
    assert float_texts(np.array([number])) == [text]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1 / 3, "0.3333333333333333"), (9e6, "9e+06"), (1e300, "1e+300")],
)
def test_float64(value: float, text: str):
    assert float_text(value) == text
    assert float_texts(np.array([value])) == [text]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_texts_give_the_numbers_back(dtype: type):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=5000) * 10.0 ** rng.integers(-12, 12, 5000)).astype(dtype)
    texts = float_texts(values)
    np.testing.assert_array_equal(np.array([dtype(text) for text in texts]), values)
    assert texts == [float_text(value) for value in values]
    assert all("." in text or "e" in text for text in texts)
