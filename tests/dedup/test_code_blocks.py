from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wish_tf.dedup import code_blocks
from wish_tf.dedup.code_blocks import CodeBlocks


@settings(max_examples=100)
@given(
    n=st.integers(0, 40),
    bits=st.integers(1, 8),
    radius=st.integers(0, 8),
    ratio=st.sampled_from([0.1, 0.5, 0.8, 1.0]),
    block=st.integers(1, 200),
    bucket_bits=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_each_pair_within_the_radius_and_ratio_comes_up_once(
    n, bits, radius, ratio, block, bucket_bits, seed
):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 1 << bits, n).astype(np.uint64)
    sizes = rng.integers(1, 20, n)
    met, progress = [], [0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_blocks, "BLOCK", block)
        patch.setattr(code_blocks, "TEXT", 2)
        patch.setattr(code_blocks, "BUCKET_BITS", bucket_bits)
        blocks = CodeBlocks(codes, bits, radius, sizes, ratio)
        for done, left, right in blocks:
            assert done >= progress[-1]
            for texts in (left, right):
                assert texts.size == 1 or (sizes[texts] + 2).sum() <= block
            progress.append(done)
            i, j = (places.ravel() for places in np.meshgrid(left, right))
            near = blocks.near(i, j)
            met += zip(i[near].tolist(), j[near].tolist(), strict=True)
    assert progress[-1] == n and len(set(met)) == len(met)
    met = {(i, j) for i, j in met if (sizes[i], i) < (sizes[j], j)}
    apart = np.bitwise_count(codes[:, None] ^ codes[None])
    within = {(i, j) for i, j in np.argwhere(apart <= radius).tolist() if i != j}
    wanted = {(i, j) for i, j in within if (sizes[i], i) < (sizes[j], j)}
    assert met <= wanted
    assert {(i, j) for i, j in wanted if sizes[i] >= ratio * sizes[j]} <= met
    assert blocks.pairs >= len(wanted)
    if bits <= bucket_bits:
        assert blocks.pairs == len(wanted)


def test_texts_of_other_sizes_are_spared():
    sizes = np.repeat([10, 100, 1000], 5)
    blocks = CodeBlocks(np.zeros(15, np.uint64), 1, 0, sizes, 0.5)
    assert sum(left.size * right.size for _, left, right in blocks) == 15 * 15
    with pytest.MonkeyPatch.context() as patch:
        # Five texts of any of the sizes.
        patch.setattr(code_blocks, "TEXT", 10_000)
        patch.setattr(code_blocks, "BLOCK", 5 * 11_000)
        met = [(left.tolist(), right.tolist()) for _, left, right in blocks]
    numbers = np.arange(15).reshape(3, 5).tolist()
    assert met == [(group, group) for group in numbers]
