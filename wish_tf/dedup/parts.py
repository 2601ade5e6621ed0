from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def parts(starts: np.ndarray, limit: int) -> Iterator[slice]:
    """Yields slices of n things in their order, each of at most so much together, or
    of one thing that is larger.

    Args:
        starts: int64 [n + 1], how much all before each are together, and all.
        limit: the most of a slice.
    """
    start, n = 0, starts.size - 1
    while start < n:
        end = int(np.searchsorted(starts, starts[start] + limit, side="right")) - 1
        end = max(start + 1, end)
        yield slice(start, end)
        start = end
