"""Codes as 64-bit words, the form in which the tables compute.

The first bit of a code is the highest of its first word; unused low bits of the
last word are 0.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.codes import check_bits, check_packed
from wish_tf.errors import InputError


def to_words(codes: ArrayLike, bits: int, packed: bool) -> np.ndarray:
    """Checks codes and returns them as words.

    Args:
        codes: 0/1 [n, bits], or bytes, uint8 [n, ceil(bits / 8)].
        bits: length of the codes.
        packed: whether they are bytes.

    Returns:
        uint64 [n, ceil(bits / 64)].

    Raises:
        InputError: if they are malformed or of another length.
    """
    if packed:
        packed_codes = check_packed(codes, bits)
    else:
        array = check_bits(codes)
        if array.shape[1] != bits:
            raise InputError(
                f"expected codes of {bits} bits, as in the index; got {array.shape[1]}"
            )
        packed_codes = np.packbits(array, axis=1)
    rows, width = packed_codes.shape
    padded = np.zeros((rows, 8 * -(-width // 8)), np.uint8)
    padded[:, :width] = packed_codes
    return padded.view(">u8").astype(np.uint64)


def to_packed(words: np.ndarray, bits: int) -> np.ndarray:
    """Returns words [n, w] as packed codes, uint8 [n, ceil(bits / 8)]."""
    as_bytes = words.astype(">u8").view(np.uint8)  # [n, 8 * w]
    return as_bytes[:, : -(-bits // 8)]


def leading(words: np.ndarray, bits: int) -> np.ndarray:
    """Returns the first bits, up to 32, of each code as int64 [n]."""
    return (words[:, 0] >> np.uint64(64 - bits)).astype(np.int64)


@functools.cache
def rings(bits: int) -> tuple[np.ndarray, list[int], np.ndarray]:
    """The masks that lead from a code to all others, nearest first.

    Returns:
        Masks, int64 [2**bits]; how many of them lead at most 0..bits bits away; and
        how far each leads, uint8 [2**bits].
    """
    away = np.bitwise_count(np.arange(1 << bits))
    masks = np.argsort(away, kind="stable")
    return masks, np.bincount(away).cumsum().tolist(), away[masks]


def expand(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Returns the positions starts[i] .. starts[i] + sizes[i] of all i, joined."""
    offsets = starts - (sizes.cumsum() - sizes)
    positions = offsets.repeat(sizes)
    return positions + np.arange(positions.size)
