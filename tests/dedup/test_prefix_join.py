from __future__ import annotations

import numpy as np
import pytest

from wish_tf.dedup import prefix_join
from wish_tf.dedup.prefix_join import PrefixJoin
from wish_tf.dedup.shingles import jaccard, shingle_sets


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("products", [1 << 23, 50])
def test_few_pairs_are_left_and_none_is_missed(threshold, products, monkeypatch):
    monkeypatch.setattr(prefix_join, "PRODUCTS", products)
    monkeypatch.setattr(prefix_join, "SHINGLES", products)
    rng = np.random.default_rng(0)
    # Copies with more and more of their words changed.
    texts = [[f"w{word}" for word in rng.integers(300, size=12)] for _ in range(20)]
    for text in texts[:20]:
        for changes in range(1, 9):
            copy = list(text)
            copy[:changes] = [f"w{word}" for word in rng.integers(300, size=changes)]
            texts.append(copy)
    sets = shingle_sets(" ".join(text) for text in texts)
    join = PrefixJoin(sets, threshold)
    assert join.sizes.tolist() == (sets.sizes + 1).tolist()
    every = np.arange(len(texts))
    shared, found = 0, set()
    for sharing, i, j in join.candidates(every, every):
        shared += sharing
        found |= set(zip(i.tolist(), j.tolist(), strict=True))
    i, j = np.tril_indices(len(texts), -1)
    swap = join.sizes[i] >= join.sizes[j]
    i, j = np.where(swap, j, i), np.where(swap, i, j)
    similar = jaccard(sets, i, j) >= threshold
    wanted = set(zip(i[similar].tolist(), j[similar].tolist(), strict=True))
    assert len(wanted) >= 20 and wanted <= found
    assert len(found) <= shared <= i.size
    assert len(found) < 2 * len(wanted) + 20
