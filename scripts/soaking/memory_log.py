"""The memory of the server over time."""

from __future__ import annotations

import threading
import time

import numpy as np

from soaking.server_process import ServerProcess

_PERIOD = 0.25  # seconds


class MemoryLog:
    """A context manager: a thread notes the memory from its start to its end."""

    def __init__(self, server: ServerProcess) -> None:
        """Notes nothing yet.

        Args:
            server: Whose memory.
        """
        self._server = server
        self._samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> MemoryLog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def at(self, share: float) -> float:
        """Memory at a share of the time, MiB: the median of the 5% before it.

        Args:
            share: 0 to 1.
        """
        times, memory = self._arrays()
        end = share * times[-1]
        near = (times <= end) & (times >= end - 0.05 * times[-1])
        return float(np.median(memory[near]))

    def slope(self, share: float) -> float:
        """Growth by least squares, MiB a minute.

        Args:
            share: From which share of the time on.
        """
        times, memory = self._arrays()
        late = times >= share * times[-1]
        return float(np.polyfit(times[late] / 60, memory[late], 1)[0])

    def _watch(self) -> None:
        start = time.monotonic()
        while not self._stop.wait(_PERIOD):
            self._samples.append((time.monotonic() - start, self._server.memory))

    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        times, memory = np.array(self._samples).T
        return times, memory
