import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wish_tf.codes import (
    MAX_NEIGHBOURS,
    check_bits,
    code_strings,
    codes_to_int,
    int_to_codes,
    neighbour_codes,
    pack_bits,
    unpack_bits,
)
from wish_tf.errors import InputError


def test_bit_0_is_the_most_significant_of_byte_0():
    packed = pack_bits([[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1]])
    assert packed.dtype == np.uint8
    assert packed.tolist() == [[128], [3]]


def test_packed_codes_are_padded_with_0_at_the_end():
    assert pack_bits([[1, 1, 1]]).tolist() == [[0b11100000]]
    assert pack_bits([[0] * 8 + [1]]).tolist() == [[0, 128]]


def test_bit_0_is_the_most_significant_of_the_integer():
    ints = codes_to_int([[1, 0, 0], [0, 1, 1], [1, 1, 1]])
    assert ints.dtype == np.uint64
    assert ints.tolist() == [4, 3, 7]
    assert int_to_codes([4, 3, 7], 3).tolist() == [[1, 0, 0], [0, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize("length", range(1, 65))
def test_integers_give_the_codes_back(length):
    bits = np.random.default_rng(length).integers(0, 2, (50, length), np.uint8)
    ints = codes_to_int(bits)
    expected = [int("".join(map(str, row)), 2) for row in bits.tolist()]
    assert ints.tolist() == expected
    for integers in (ints, expected):
        back = int_to_codes(integers, length)
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back, bits)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 64, 65, 100, 128])
def test_packed_bytes_give_the_codes_back(length):
    bits = np.random.default_rng(length).integers(0, 2, (20, length), np.uint8)
    packed = pack_bits(bits)
    assert packed.shape == (20, -(-length // 8))
    back = unpack_bits(packed, length)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, bits)


def test_the_largest_64_bit_code_beside_a_small_one():
    # NumPy reads this list as floats, which would round the first number.
    assert int_to_codes([2**64 - 1, 1], 64).sum(axis=1).tolist() == [64, 1]
    assert codes_to_int(np.ones((1, 64))).tolist() == [2**64 - 1]


def test_no_codes_at_all():
    assert pack_bits(np.empty((0, 9))).shape == (0, 2)
    assert codes_to_int(np.empty((0, 9))).shape == (0,)
    assert int_to_codes(np.empty(0, np.uint64), 9).shape == (0, 9)
    assert int_to_codes([], 9).shape == (0, 9)
    assert unpack_bits(np.empty((0, 2), np.uint8), 9).shape == (0, 9)


@pytest.mark.parametrize("dtype", [bool, np.int64, np.float32, np.uint8])
def test_any_numeric_dtype_will_do(dtype):
    bits = check_bits(np.array([[1, 0], [0, 1]], dtype))
    assert bits.dtype == np.uint8
    assert bits.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("bits", "message"),
    [
        (
            [0, 1],
            "expected codes as a 2-D array [documents, bits] of 0 and 1; "
            "got an array of shape (2,)",
        ),
        (
            [[0, 1], [2, 0]],
            "expected codes of 0 and 1 only; got 2 in row 1, bit 0",
        ),
        (
            np.array([[0, 7]], np.uint8),
            "expected codes of 0 and 1 only; got 7 in row 0, bit 1",
        ),
        ([[-1, 1]], "expected codes of 0 and 1 only; got -1 in row 0, bit 0"),
        ([[0.5, 1]], "expected codes of 0 and 1 only; got 0.5 in row 0, bit 0"),
        (
            [[1, np.nan]],
            "expected codes of 0 and 1 only; got nan in row 0, bit 1",
        ),
        (
            [["a", "b"]],
            "expected codes as an array of 0 and 1; got dtype <U1",
        ),
        (
            [[], []],
            "expected codes of at least one bit a row; got an array of shape (2, 0)",
        ),
        (
            [[0, 1], [1]],
            "expected codes as a 2-D array [documents, bits] of 0 and 1; got a list "
            "that is no such array (rows of different lengths, perhaps)",
        ),
    ],
)
@pytest.mark.parametrize("function", [pack_bits, codes_to_int])
def test_what_is_no_code_is_refused(function, bits, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        function(bits)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (
            codes_to_int,
            [np.zeros((1, 65))],
            "expected bits to be a whole number from 1 to 64; got 65",
        ),
        (
            int_to_codes,
            [[1], 65],
            "expected bits to be a whole number from 1 to 64; got 65",
        ),
        (
            int_to_codes,
            [[1], 2.5],
            "expected bits to be a whole number from 1 to 64; got 2.5",
        ),
        (
            unpack_bits,
            [np.zeros((1, 1), np.uint8), 0],
            "expected bits to be a whole number from 1; got 0",
        ),
        (
            int_to_codes,
            [[3, 16], 4],
            "expected integer codes of 4 bits from 0 to 15; got 16 at position 1",
        ),
        (
            int_to_codes,
            [[-1], 64],
            "expected integer codes of 64 bits from 0 to 18446744073709551615; "
            "got -1 at position 0",
        ),
        (
            int_to_codes,
            [[2**64], 64],
            "expected integer codes of 64 bits from 0 to 18446744073709551615; "
            "got 18446744073709551616 at position 0",
        ),
        (
            int_to_codes,
            [np.array([1.0]), 4],
            "expected integer codes as a 1-D array of integers; got float64 of "
            "shape (1,)",
        ),
        (
            int_to_codes,
            [[[1]], 4],
            "expected integer codes as a 1-D array of integers; got int64 of "
            "shape (1, 1)",
        ),
        (
            unpack_bits,
            [np.zeros((3, 1), np.uint8), 9],
            "expected packed codes of 9 bits as a uint8 array of shape [documents, 2]; "
            "got uint8 of shape (3, 1)",
        ),
        (
            unpack_bits,
            [np.zeros((3, 2)), 9],
            "expected packed codes of 9 bits as a uint8 array of shape [documents, 2]; "
            "got float64 of shape (3, 2)",
        ),
        (
            unpack_bits,
            [np.array([[224], [16]], np.uint8), 3],
            "expected packed codes of 3 bits to be padded with 0 at the end of the "
            "last byte; got a last byte of 16 in row 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused(function, arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        function(*arguments)


def test_strings_of_codes_have_bit_0_first():
    assert code_strings([[1, 0, 0], [0, 1, 1]]) == ["100", "011"]
    assert code_strings(np.empty((0, 3))) == []
    bits = np.random.default_rng(0).integers(0, 2, (50, 70), np.uint8)
    assert code_strings(bits) == ["".join(map(str, row)) for row in bits.tolist()]


@given(st.integers(1, 12), st.integers(0, 14), st.randoms(use_true_random=False))
def test_neighbours_are_all_codes_within_the_radius(length, radius, random):
    code = np.array([random.randint(0, 1) for _ in range(length)], np.uint8)
    found = neighbour_codes(code, radius)
    every = int_to_codes(np.arange(1 << length), length)
    expected = every[(every != code).sum(axis=1) <= radius]
    assert found.dtype == np.uint8
    assert len(found) == len(expected)
    assert set(code_strings(found)) == set(code_strings(expected))


def test_neighbours_come_nearest_first_and_by_the_bits_in_which_they_differ():
    assert code_strings(neighbour_codes([0, 1, 0], 2)) == [
        "010",
        *("110", "000", "011"),
        *("100", "111", "001"),
    ]


def test_neighbours_of_a_long_code():
    found = neighbour_codes(np.ones(300), 2)
    assert found.shape == (1 + 300 + 300 * 299 // 2, 300)
    distances = (found == 0).sum(axis=1)
    assert (np.diff(distances) >= 0).all() and distances[-1] == 2


def test_every_code_of_16_bits_is_a_neighbour():
    assert len(neighbour_codes(np.zeros(16), 16)) == MAX_NEIGHBOURS


@pytest.mark.parametrize(
    ("code", "radius", "message"),
    [
        (
            [[0, 1]],
            1,
            "expected the code as a 1-D array [bits] of 0 and 1; "
            "got an array of shape (1, 2)",
        ),
        ([0, 2], 1, "expected the code of 0 and 1 only; got 2 in row 0, bit 1"),
        ([0, 1], -1, "expected radius to be a whole number from 0; got -1"),
        ([0, 1], 1.0, "expected radius to be a whole number from 0; got 1.0"),
        (
            [0] * 32,
            5,
            "expected at most 65536 codes within the radius; got 242825 within 5 "
            "of 32 bits",
        ),
    ],
)
def test_no_neighbours_of_what_does_not_fit(code, radius, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        neighbour_codes(code, radius)
