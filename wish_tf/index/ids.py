"""The ids that a user gives to documents."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wish_tf.checks import check_all, list_of
from wish_tf.errors import InputError

LARGEST_ID = np.iinfo(np.int64).max - 1
# Ids after their check: int64 [n], or strings.
Ids = NDArray[np.int64] | list[str]


def check_ids(ids: ArrayLike) -> Ids:
    """Returns integer ids as a new int64 array [n], or strings as a list.

    Raises:
        InputError: if they are neither, of both kinds, or an integer is out of range.
    """
    if isinstance(ids, np.ndarray) and ids.ndim == 1 and ids.dtype.kind in "ui":
        array = ids
    else:
        values = list_of(ids, "ids")
        expected = "ids that are all integers or all strings"
        if values and isinstance(values[0], str):
            check_all(values, str, expected)
            return values
        check_all(values, (int, np.integer), expected)
        try:
            array = np.array(values, np.int64)
        except OverflowError:
            array = np.array(values, object)
    wrong = (array < 0) | (array > LARGEST_ID)
    if wrong.any():
        raise InputError(
            f"expected ids from 0 to {LARGEST_ID}; got {array[np.argmax(wrong)]} at "
            f"position {np.argmax(wrong)}"
        )
    # A copy, so that later changes of the caller's array cannot reach the index.
    return array.astype(np.int64)


def first_repeated(ids: Ids) -> str | int | None:
    """The smallest id that occurs twice, or None."""
    if isinstance(ids, list):
        pairs = itertools.pairwise(sorted(ids))
        return next((one for one, next_one in pairs if one == next_one), None)
    ordered = np.sort(ids)
    repeated = ordered[1:] == ordered[:-1]
    return int(ordered[np.argmax(repeated)]) if repeated.any() else None
