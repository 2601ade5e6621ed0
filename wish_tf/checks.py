"""Checks of what comes from Python: texts, whole numbers, the process."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Set
from typing import Any

from wish_tf.errors import InputError

_process_of_tensorflow: int | None = None


def check_texts(texts: Any) -> list[str]:
    """Returns texts as a list of strings.

    Args:
        texts: n strings in a list, a tuple, a NumPy array, a pandas Series, an Arrow
            array, or anything else that yields them in an order. A generator is
            used up.

    Raises:
        InputError: when it is a single string, a table, a mapping or a set, or one
            of the texts is no string; positions count from 0. A missing text
            (None, NaN) is refused as well: it has no code, and every row gets one.

    Examples:
        >>> check_texts(text.lower() for text in ("A cat", "DOGS"))
        ['a cat', 'dogs']
        >>> check_texts(["a cat", None])
        Traceback (most recent call last):
        wish_tf.errors.InputError: expected texts as strings; got None at position 1
    """
    texts = list_of(texts, "texts")
    check_all(texts, str, "texts as strings")
    return texts


def list_of(values: Any, name: str) -> list[Any]:
    """Returns values as a list, in the forms that `check_texts` takes.

    Args:
        values: what a user gave.
        name: what to call them in an error message.

    Raises:
        InputError: when they are a single string, a table, a mapping or a set.
    """
    if isinstance(values, (str, bytes, bytearray)):
        raise InputError(
            f"expected a list of {name}; got a single {type(values).__name__}"
        )
    # Data frames yield the names of their columns.
    shape = getattr(values, "shape", None)
    if (
        not isinstance(values, Iterable)
        or isinstance(values, (Mapping, Set))
        or (shape is not None and len(shape) != 1)
    ):
        of_shape = "" if shape is None else f" of shape {tuple(shape)}"
        raise InputError(
            f"expected a list of {name}; got {type(values).__name__}{of_shape}"
        )
    # NumPy, pandas and Arrow make Python's objects faster than iteration does.
    for method in ("tolist", "to_pylist"):
        if hasattr(values, method):
            values = getattr(values, method)()
    return list(values)


def check_all(values: list[Any], kinds: type | tuple[type, ...], expected: str) -> None:
    """Makes sure that all values are of a kind; True and False are no integers.

    Args:
        values: n of them.
        kinds: as `isinstance` takes them.
        expected: how the error message calls them.

    Raises:
        InputError: when one is not; positions count from 0.
    """

    def fits(kind: type) -> bool:
        return issubclass(kind, kinds) and kind is not bool

    # Types before values: a million of them take a tenth of a second.
    if all(map(fits, set(map(type, values)))):
        return
    position = next(i for i, value in enumerate(values) if not fits(type(value)))
    raise InputError(
        f"expected {expected}; got {_kind_of(values[position])} at position {position}"
    )


def whole_number(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Returns a number as Python's int.

    Args:
        value: an integer of Python or NumPy.
        name: what to call it in an error message.
        least: the smallest that is allowed.
        most: the largest, or None.

    Raises:
        InputError: when it is no integer, or too small or too large.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if (
        isinstance(value, bool)
        or number < least
        or (most is not None and number > most)
    ):
        up_to = "" if most is None else f" to {most}"
        raise InputError(
            f"expected {name} to be a whole number from {least}{up_to}; got {value!r}"
        )
    return number


def check_process() -> None:
    """Makes sure that TensorFlow can run in this process.

    `fork` copies a process without its threads: in the copy TensorFlow waits for
    ever for those it had started.

    Raises:
        InputError: when a model was made or used before this process was forked.
    """
    global _process_of_tensorflow
    process = os.getpid()
    if _process_of_tensorflow is None:
        _process_of_tensorflow = process
    if _process_of_tensorflow != process:
        raise InputError(
            "expected a process in which TensorFlow can run; got one forked after a "
            "model was made: start it by spawn or forkserver, or fork before"
        )


def _kind_of(value: Any) -> str:
    kind = type(value).__name__
    missing = value is None or isinstance(value, float) or kind == "NAType"
    return str(value) if missing else kind
