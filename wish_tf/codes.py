"""Binary codes as 0/1 arrays, as packed bytes and as integers.

The three forms agree on one order: bit 0 of a code is the most significant bit
of byte 0 of its packed form, and the most significant of the l bits of its
integer. `code_strings` writes the bits in that order as well.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wish_tf.checks import whole_number
from wish_tf.errors import InputError

MAX_INTEGER_BITS = 64
MAX_NEIGHBOURS = 1 << 16
# So many first bits have names, at most; from there on codes are nested.
NAMED_BITS = 8


def check_bits(bits: ArrayLike, name: str = "codes") -> NDArray[np.uint8]:
    """Returns codes as a uint8 array after checking that they are codes.

    Args:
        bits: Codes, [n, l] of 0 and 1 with l >= 1, of any boolean, integer or
            floating dtype.
        name: What to call the argument in an error message.

    Returns:
        The same codes, uint8 [n, l]; the input itself if it is uint8 already.

    Raises:
        InputError: If the array is not 2-D, has no columns, or holds anything
            but 0 and 1.
    """
    array = _as_array(bits, name, "a 2-D array [documents, bits] of 0 and 1")
    if array.ndim != 2:
        raise InputError(
            f"expected {name} as a 2-D array [documents, bits] of 0 and 1; "
            f"got an array of shape {array.shape}"
        )
    if array.dtype.kind not in "buif":
        raise InputError(
            f"expected {name} as an array of 0 and 1; got dtype {array.dtype}"
        )
    if array.shape[1] == 0:
        raise InputError(
            f"expected {name} of at least one bit a row; "
            f"got an array of shape {array.shape}"
        )
    wrong = array > 1 if array.dtype == np.uint8 else (array != 0) & (array != 1)
    if wrong.any():
        row, column = np.unravel_index(int(np.argmax(wrong)), array.shape)
        raise InputError(
            f"expected {name} of 0 and 1 only; "
            f"got {array[row, column]} in row {row}, bit {column}"
        )
    return array.astype(np.uint8, copy=False)


def pack_bits(bits: ArrayLike) -> NDArray[np.uint8]:
    """Packs codes into bytes, eight bits to a byte.

    Args:
        bits: Codes, [n, l] of 0 and 1, of any length l >= 1.

    Returns:
        uint8 [n, ceil(l / 8)]; the unused low bits of the last byte are 0.

    Raises:
        InputError: If `bits` are not codes (see `check_bits`).

    Examples:
        >>> pack_bits([[1, 0, 1, 0, 0, 0, 0, 1, 1]])
        array([[161, 128]], dtype=uint8)
    """
    return np.packbits(check_bits(bits), axis=1)


def unpack_bits(packed: ArrayLike, bits: int) -> NDArray[np.uint8]:
    """Undoes `pack_bits`.

    Args:
        packed: Packed codes, uint8 [n, ceil(bits / 8)].
        bits: Length l of the codes.

    Returns:
        Codes, uint8 [n, bits] of 0 and 1.

    Raises:
        InputError: If `packed` is no uint8 array of that width, or a padding
            bit is set (the codes are then of another length).

    Examples:
        >>> unpack_bits(pack_bits([[1, 0, 1]]), 3)
        array([[1, 0, 1]], dtype=uint8)
    """
    array = check_packed(packed, bits)
    return np.unpackbits(array, axis=1, count=bits)


def check_packed(packed: ArrayLike, bits: int) -> NDArray[np.uint8]:
    """Returns packed codes as they are after checking that they are such.

    Args:
        packed: Packed codes, uint8 [n, ceil(bits / 8)].
        bits: Length l of the codes.

    Raises:
        InputError: As `unpack_bits`.
    """
    bits = whole_number(bits, "bits", 1)
    array = _as_array(packed, "packed codes", "a 2-D array of bytes")
    width = -(-bits // 8)
    if array.dtype != np.uint8 or array.ndim != 2 or array.shape[1] != width:
        raise InputError(
            f"expected packed codes of {bits} bits as a uint8 array of shape "
            f"[documents, {width}]; got {array.dtype} of shape {array.shape}"
        )
    padding = array[:, -1] & (0xFF >> (bits - 8 * (width - 1)))
    if padding.any():
        raise InputError(
            f"expected packed codes of {bits} bits to be padded with 0 at the end of "
            f"the last byte; got a last byte of {array[np.argmax(padding != 0), -1]} "
            f"in row {np.argmax(padding != 0)}"
        )
    return array


def codes_to_int(bits: ArrayLike) -> NDArray[np.uint64]:
    """Reads every code as an unsigned integer.

    Args:
        bits: Codes, [n, l] of 0 and 1, with l from 1 to 64.

    Returns:
        uint64 [n]; bit 0 of a code is the most significant of its l bits.

    Raises:
        InputError: If `bits` are not codes (see `check_bits`) or are longer
            than 64 bits.

    Examples:
        >>> codes_to_int([[1, 0, 1], [0, 1, 1]])
        array([5, 3], dtype=uint64)
    """
    array = check_bits(bits)
    documents, length = array.shape
    whole_number(length, "bits", 1, MAX_INTEGER_BITS)
    padded = np.zeros((documents, 8), np.uint8)
    packed = np.packbits(array, axis=1)
    padded[:, : packed.shape[1]] = packed
    return padded.view(">u8")[:, 0].astype(np.uint64) >> np.uint64(64 - length)


def int_to_codes(ints: ArrayLike, bits: int) -> NDArray[np.uint8]:
    """Undoes `codes_to_int`.

    Args:
        ints: Integers, [n], each from 0 to 2**bits - 1.
        bits: Length l of the codes, from 1 to 64.

    Returns:
        Codes, uint8 [n, bits] of 0 and 1.

    Raises:
        InputError: If `ints` is not 1-D, not of an integer dtype, or holds a
            number that does not fit into `bits` bits.

    Examples:
        >>> int_to_codes([5, 3], bits=3)
        array([[1, 0, 1],
               [0, 1, 1]], dtype=uint8)
    """
    bits = whole_number(bits, "bits", 1, MAX_INTEGER_BITS)
    array = _as_array(ints, "integer codes", "a 1-D array of integers")
    if array.dtype.kind in "fO" and isinstance(ints, (list, tuple)):
        # NumPy makes floats of a list with a number above the range of int64.
        array = np.array(ints, object)
    exact = array.dtype.kind in "ui" or (
        array.dtype == object and all(isinstance(number, int) for number in array.flat)
    )
    if array.ndim != 1 or not exact:
        raise InputError(
            "expected integer codes as a 1-D array of integers; "
            f"got {array.dtype} of shape {array.shape}"
        )
    unsigned = _check_range(array, bits).astype(np.uint64)
    shifted = unsigned << np.uint64(MAX_INTEGER_BITS - bits)
    as_bytes = shifted.astype(">u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(as_bytes, axis=1, count=bits)


def code_strings(bits: ArrayLike) -> list[str]:
    """Writes every code as a string of 0 and 1, bit 0 first.

    It is how PostgreSQL reads and writes a `bit(l)`, and a keyword for a search
    engine.

    Args:
        bits: Codes, [n, l] of 0 and 1.

    Returns:
        n strings of l characters.

    Raises:
        InputError: If `bits` are not codes (see `check_bits`).

    Examples:
        >>> code_strings([[1, 0, 1], [0, 1, 1]])
        ['101', '011']
    """
    array = check_bits(bits)
    length = array.shape[1]
    digits = (array + ord("0")).tobytes().decode("ascii")
    return [digits[at : at + length] for at in range(0, len(digits), length)]


def neighbour_codes(code: ArrayLike, radius: int) -> NDArray[np.uint8]:
    """Lists the codes within a Hamming distance of a code.

    A system that can look a value up, but knows no Hamming distance, finds the
    documents within the radius by looking up all of these.

    Args:
        code: One code, [l] of 0 and 1.
        radius: Largest distance in bits, at least 0.

    Returns:
        uint8 [m, l], nearest first, the code itself at the top; of equally near
        ones those come first that differ in earlier bits. m is the sum of the
        binomial coefficients (l over d) for d from 0 to the radius.

    Raises:
        InputError: If `code` is no code, the radius is no integer of at least 0,
            or m would be above 65,536: a look-up of so many is slower than a scan.

    Examples:
        >>> code_strings(neighbour_codes([1, 0, 1], radius=1))
        ['101', '001', '111', '100']
    """
    centre = _as_array(code, "the code", "a 1-D array of 0 and 1")
    if centre.ndim != 1:
        raise InputError(
            "expected the code as a 1-D array [bits] of 0 and 1; "
            f"got an array of shape {centre.shape}"
        )
    [centre] = check_bits(centre[None], "the code")
    length = centre.size
    radius = min(whole_number(radius, "radius", 0), length)
    count = sum(math.comb(length, distance) for distance in range(radius + 1))
    if count > MAX_NEIGHBOURS:
        raise InputError(
            f"expected at most {MAX_NEIGHBOURS} codes within the radius; got "
            f"{count} within {radius} of {length} bits"
        )
    rings = []
    for distance in range(radius + 1):
        size = math.comb(length, distance)
        flips = itertools.combinations(range(length), distance)
        flat = np.fromiter(itertools.chain.from_iterable(flips), np.intp)
        ring = np.tile(centre, (size, 1))
        ring[np.repeat(np.arange(size), distance), flat] ^= 1
        rings.append(ring)
    return np.concatenate(rings)


def _as_array(values: ArrayLike, name: str, expected: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"expected {name} as {expected}; got a {type(values).__name__} that is "
            "no such array (rows of different lengths, perhaps)"
        ) from None


def _check_range(ints: np.ndarray, bits: int) -> np.ndarray:
    wrong = (ints < 0) | (ints > (1 << bits) - 1)
    if wrong.any():
        raise InputError(
            f"expected integer codes of {bits} bits from 0 to {(1 << bits) - 1}; "
            f"got {ints[np.argmax(wrong)]} at position {np.argmax(wrong)}"
        )
    return ints
