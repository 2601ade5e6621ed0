"""Numbers as text: the way TF-Serving writes floats."""

from __future__ import annotations

import math

import numpy as np

_MIN_DIGITS = 6


def float_text(value: float | np.floating) -> str:
    """One float as a JSON number (or `NaN`, `Infinity`, `-Infinity`).

    The shortest digits that give the value back in its own precision, at least
    six considered, in the notation of `%g` with `.0` added to whole numbers.

    Args:
        value: float32 or float64 NumPy scalar, or a Python float (float64).

    Returns:
        For example `0.1`, `3.0`, `9e+06`, `3e-05`.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    kind = type(value)
    number = float(value)
    digits = _MIN_DIGITS
    while kind(text := f"{number:.{digits}g}") != value:
        digits += 1
    return text if "." in text or "e" in text else text + ".0"


def float_texts(values: np.ndarray) -> list[str]:
    """Texts of many floats; `float_text` of each, but faster.

    Args:
        values: [n] float32 or float64.

    Returns:
        n texts.
    """
    texts = list(map(str, values))
    size = np.abs(values)
    # NumPy writes the same digits in the same notation, but for large values, for
    # those that round to 0.0001, and for denormals, which can do with fewer than
    # six digits.
    plain = (size < 1e5) & ~((size > 9.9e-5) & (size < 1.01e-4))
    plain &= (size >= np.finfo(values.dtype).smallest_normal) | (size == 0)
    for index in np.flatnonzero(~plain):
        texts[index] = float_text(values[index])
    return texts
