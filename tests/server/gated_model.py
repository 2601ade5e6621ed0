"""A model whose runs can be held up, and that remembers their inputs."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from wish_tf.server.serving_error import invalid_argument


def double(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Doubles `x`, but refuses a run that holds a negative number."""
    if np.any(inputs["x"] < 0):
        raise invalid_argument(f"negative in {inputs['x'].tolist()}")
    return {"y": 2 * inputs["x"]}


class GatedModel:
    """Runs `compute` when the gate is open.

    Attributes:
        compute: Inputs to outputs.
        runs: Inputs `x` of each run, as lists, in order.
        threads: Which thread each run was in.
        gate: Runs wait for it.
    """

    def __init__(self) -> None:
        self.compute: Callable = double
        self.runs: list[list] = []
        self.threads: list[threading.Thread] = []
        self.gate = threading.Event()
        self.gate.set()
        self._begun = threading.Condition()

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        with self._begun:
            self.runs.append(inputs["x"].tolist())
            self.threads.append(threading.current_thread())
            self._begun.notify_all()
        assert self.gate.wait(10)
        return self.compute(inputs)

    def await_runs(self, count: int) -> None:
        """Waits until so many runs have begun."""
        with self._begun:
            assert self._begun.wait_for(lambda: len(self.runs) >= count, 10)
