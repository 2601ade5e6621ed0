"""Connections that always have a request under way."""

from __future__ import annotations

import threading
from collections import Counter

from soaking.hashers import Hashers
from soaking.swaps import Swaps
from wish_tf.client import Client

_KEPT = 5  # messages of failures


class Load:
    """A context manager: threads ask from its start to its end.

    Attributes:
        requests: How many were answered, by protocol.
        failed: How many were not.
        wrong: How many answers were of no version that was alive.
        messages: What went wrong first.
    """

    def __init__(
        self, hashers: Hashers, swaps: Swaps, urls: list[str], connections: int
    ) -> None:
        """Asks nothing yet.

        Args:
            hashers: What to ask, and what has to come.
            swaps: Knows which versions are alive.
            urls: Of the model; connections go to them in turn.
            connections: How many.
        """
        self.requests: Counter[str] = Counter()
        self.failed = 0
        self.wrong = 0
        self.messages: list[str] = []
        self._hashers = hashers
        self._swaps = swaps
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(urls[i % len(urls)], i))
            for i in range(connections)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, url: str, batch: int) -> None:
        protocol = url.partition("://")[0]
        batches = self._hashers.batches
        # Retries would hide failures.
        with Client(url, retries=0, connections=1) as client:
            while not self._stop.is_set():
                batch = (batch + 1) % len(batches)
                oldest = self._swaps.alive[0]
                try:
                    answer = client.hash(batches[batch])
                except Exception as error:
                    self._note("failed", f"{protocol}: {error!r}")
                    continue
                versions = range(oldest, self._swaps.alive[1] + 1)
                if not any(self._hashers.is_right(batch, v, answer) for v in versions):
                    self._note("wrong", f"{protocol}: of none of {list(versions)}")
                with self._lock:
                    self.requests[protocol] += 1

    def _note(self, what: str, message: str) -> None:
        with self._lock:
            setattr(self, what, getattr(self, what) + 1)
            if len(self.messages) < _KEPT:
                self.messages.append(f"{what}: {message}")
