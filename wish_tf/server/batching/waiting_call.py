"""One call that waits for its turn."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wish_tf.server.batching.run_outputs import Encode


@dataclass(eq=False, slots=True)
class WaitingCall:
    """Inputs of a run, and the future of its outputs.

    Attributes:
        inputs: Array per input name.
        rows: Length of the first axis of all inputs; 1 where there is none.
        kind: Names, dtypes and shapes of a row. Calls of one kind can be merged;
            a call of kind None is run alone, as it is.
        encode: What to make of the outputs; None leaves them arrays.
        arrived: When it was made, by `time.monotonic`.
        future: Gets the array per output name, or what `encode` makes of it, or the
            error of the run.
    """

    inputs: dict[str, np.ndarray]
    rows: int
    kind: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...] | None
    encode: Encode | None = None
    arrived: float = field(default_factory=time.monotonic)
    future: Future[Any] = field(default_factory=Future)

    @classmethod
    def of(
        cls, inputs: Mapping[str, np.ndarray], encode: Encode | None = None
    ) -> WaitingCall:
        """Looks at inputs and makes a call of them."""
        arrays = dict(inputs)
        lengths = {len(array) if array.ndim else 0 for array in arrays.values()}
        rows = lengths.pop() if len(lengths) == 1 else 0
        if not rows:
            return cls(arrays, 1, None, encode)
        kind = tuple(
            [
                (name, arrays[name].dtype, arrays[name].shape[1:])
                for name in sorted(arrays)
            ]
        )
        return cls(arrays, rows, kind, encode)

    def pieces(self, rows: int) -> list[WaitingCall]:
        """Cuts the call into calls of so many rows; the last may have fewer."""
        return [
            WaitingCall(
                {name: array[at : at + rows] for name, array in self.inputs.items()},
                min(rows, self.rows - at),
                self.kind,
                self.encode,
                self.arrived,
            )
            for at in range(0, self.rows, rows)
        ]
