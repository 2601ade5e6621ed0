"""Numbers on the command line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

# As Keras and NumPy take them.
LARGEST_SEED = 2**32 - 1


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Returns the `type` of an option that takes a whole number.

    Args:
        least: the smallest that is allowed.
        most: the largest that is allowed, if there is one.
    """
    range_ = f"of at least {least}" if most is None else f"from {least} to {most}"

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:  # Also for one of more than 4,300 digits.
            number = None
        if number is None or number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(
                f"expected a whole number {range_}; got {text!r}"
            )
        return number

    return parse


def duration(text: str) -> float:
    """The `type` of an option that takes a time; of any unit."""
    return _number(text, "of at least 0", lambda number: 0 <= number < math.inf)


def positive(text: str) -> float:
    """The `type` of an option that takes a number above 0."""
    return _number(text, "above 0", lambda number: 0 < number < math.inf)


def _number(text: str, range_: str, fits: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise argparse.ArgumentTypeError(f"expected a number {range_}; got {text!r}")
    return number


def number_or_share(text: str) -> int | float:
    """The `type` of an option that takes a whole number from 0, or a share of 1."""
    try:
        number = int(text) if text.isdecimal() else float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= (1 if isinstance(number, float) else number):
        raise argparse.ArgumentTypeError(
            f"expected a whole number, or a share from 0.0 to 1.0; got {text!r}"
        )
    return number
