from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wish_tf.dedup import code_blocks
from wish_tf.dedup.code_blocks import CodeBlocks


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(0, 40),
    bits=st.integers(1, 8),
    radius=st.integers(0, 8),
    rows=st.integers(1, 50),
    bucket_bits=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_each_pair_within_the_radius_comes_up_once(
    n, bits, radius, rows, bucket_bits, seed
):
    codes = np.random.default_rng(seed).integers(0, 1 << bits, n).astype(np.uint64)
    met, total = [], 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_blocks, "BLOCK_ROWS", rows)
        patch.setattr(code_blocks, "BUCKET_BITS", bucket_bits)
        blocks = CodeBlocks(codes, bits, radius)
        for left, right in blocks:
            assert max(left.size, right.size) <= rows
            i, j = (places.ravel() for places in np.meshgrid(left, right))
            i, j = i[i < j], j[i < j]
            assert blocks.pairs_between(left, right) == i.size
            total += i.size
            near = blocks.near(i, j)
            met += zip(
                blocks.order[i[near]].tolist(),
                blocks.order[j[near]].tolist(),
                strict=True,
            )
    assert total == blocks.pairs
    met = [tuple(sorted(pair)) for pair in met]
    apart = np.bitwise_count(codes[:, None] ^ codes[None])
    expected = np.argwhere(np.triu(apart <= radius, 1))
    assert sorted(met) == [tuple(pair) for pair in expected.tolist()]
    if bits <= bucket_bits:
        assert blocks.pairs == len(expected)
