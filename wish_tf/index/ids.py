"""The ids that a user gives to documents."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wish_tf.errors import InputError

LARGEST_ID = np.iinfo(np.int64).max - 1
# Ids after their check: int64 [n], or strings.
Ids = NDArray[np.int64] | list[str]


def check_ids(ids: ArrayLike) -> Ids:
    """Returns integer ids as a new int64 array [n], or strings as a list.

    Raises:
        InputError: if they are neither, or an integer is out of range.
    """
    try:
        array = np.asarray(ids)
    except (ValueError, OverflowError):
        array = np.empty((), object)
    if array.ndim == 1 and array.size and array.dtype.kind in "UTO":
        strings = array.tolist()
        if all(isinstance(string, str) for string in strings):
            return strings
    if array.ndim != 1 or (array.dtype.kind not in "ui" and array.size):
        raise InputError(
            "ids must be a 1-D array of integers or of strings; "
            f"got {array.dtype} of shape {array.shape}."
        )
    wrong = (array < 0) | (array > LARGEST_ID)
    if wrong.any():
        raise InputError(
            f"ids must be from 0 to {LARGEST_ID}; got {array[np.argmax(wrong)]}."
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
