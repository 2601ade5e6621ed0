"""Cells of equal size: the few centres that are looked at, of many."""

from __future__ import annotations

import numpy as np


def balanced_cells(points: np.ndarray, most: int) -> np.ndarray:
    """Divides points into cells of nearly equal size, neighbours together.

    A cell is halved across its longest axis until it is small enough (the principal
    axis tree of McNames, IEEE PAMI 2001). So nothing is wasted where each
    cell has places for as many as the largest.

    Args:
        points: float [n, d], n >= 1.
        most: points of a cell.

    Returns:
        The number of each point's cell, int64 [n].
    """
    cells = np.zeros(len(points), np.int64)
    waiting = [(np.arange(len(points)), -(-len(points) // most))]
    found = 0
    while waiting:
        members, parts = waiting.pop()
        if parts == 1:
            cells[members] = found
            found += 1
            continue
        inside = points[members].astype(np.float64)
        _, axes = np.linalg.eigh(np.cov(inside, rowvar=False))
        order = members[np.argsort(inside @ axes[:, -1], kind="stable")]
        left = parts // 2
        cut = -(-len(order) * left // parts)
        waiting += [(order[:cut], left), (order[cut:], parts - left)]
    return cells
