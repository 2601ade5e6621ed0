from __future__ import annotations

from typing import Protocol

import numpy as np


class Binariser(Protocol):
    """Cuts points of a space to bits.

    Args:
        bits: length of a code.
        seed: of everything random.
    """

    def __init__(self, bits: int, seed: int = 0) -> None: ...

    def fit(self, points: np.ndarray) -> Binariser:
        """Learns where to cut, from points, float [n, d]; returns itself."""
        ...

    def bits_of(self, points: np.ndarray) -> np.ndarray:
        """Returns the codes of points [n, d], uint8 0/1 [n, bits]."""
        ...
