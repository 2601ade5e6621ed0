import re

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.metrics import code_statistics


def test_four_documents_over_three_codes():
    statistics = code_statistics([[0, 0, 1], [0, 0, 1], [0, 1, 1], [1, 0, 1]])
    assert statistics.distinct_codes == 3
    # Bits 0 and 1 are set in 1 of 4: -(1/4 log 1/4 + 3/4 log 3/4) = 0.811278.
    np.testing.assert_allclose(
        statistics.bit_entropy, [0.8112781, 0.8112781, 0.0], atol=1e-7
    )
    assert statistics.dead_bits == 1
    # Shares 1/2, 1/4, 1/4: 1/2 * 1 + 2 * 1/4 * 2 = 1.5 bits.
    assert statistics.code_entropy == pytest.approx(1.5)
    assert not statistics.collapsed


def test_all_codes_equally_often_is_the_most_a_code_can_hold():
    codes = [[a, b] for a in (0, 1) for b in (0, 1)] * 5
    statistics = code_statistics(codes)
    assert statistics.distinct_codes == 4
    assert statistics.bit_entropy.tolist() == [1.0, 1.0]
    assert statistics.dead_bits == 0
    assert statistics.code_entropy == 2.0


def test_one_code_for_all_documents_is_a_collapse():
    statistics = code_statistics(np.tile([1, 0, 1], (7, 1)))
    assert statistics.collapsed
    assert statistics.distinct_codes == 1
    assert statistics.dead_bits == 3
    assert statistics.bit_entropy.tolist() == [0.0, 0.0, 0.0]
    assert statistics.code_entropy == 0.0
    assert not np.signbit(statistics.bit_entropy).any()


def test_copied_bits_count_as_alive_though_they_add_no_code():
    statistics = code_statistics([[0, 0], [1, 1]])
    assert statistics.distinct_codes == 2
    assert statistics.dead_bits == 0
    assert statistics.code_entropy == 1.0


@pytest.mark.parametrize("length", [1, 9, 64, 130])
def test_distinct_codes_of_any_length(length):
    codes = np.random.default_rng(3).integers(0, 2, (200, length), np.uint8)
    expected = len({tuple(row) for row in codes.tolist()})
    assert code_statistics(codes).distinct_codes == expected


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.empty((0, 4)), "expected one or more codes; got none"),
        ([[0, 3]], "expected codes of 0 and 1 only; got 3 in row 0, bit 1"),
    ],
)
def test_what_is_no_code_is_refused(codes, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        code_statistics(codes)
