"""What a run gave, shared out among its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Encode = Callable[[Mapping[str, np.ndarray]], Sequence[Any]]


class RunOutputs:
    """The outputs of a run, and what its calls want to have made of them."""

    def __init__(self, outputs: dict[str, np.ndarray]) -> None:
        """Takes the array per output name."""
        self._outputs = outputs
        self._encoded: dict[Encode, Sequence[Any]] = {}

    def all(self, encode: Encode | None) -> Any:
        """The answer to a call that was run alone."""
        return self._outputs if encode is None else self._encode(encode)

    def rows(self, encode: Encode | None, start: int, end: int) -> Any:
        """The answer to a call that has the rows from `start` to `end`."""
        if encode is None:
            return {name: array[start:end] for name, array in self._outputs.items()}
        return self._encode(encode)[start:end]

    def _encode(self, encode: Encode) -> Sequence[Any]:
        # Once for all rows: a small array costs NumPy as much as a large one.
        if encode not in self._encoded:
            self._encoded[encode] = encode(self._outputs)
        return self._encoded[encode]
