"""New versions in the place of old ones."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from wish_tf.client import Client
from wish_tf.files import replacing

_AVAILABLE_SECONDS = 60


class Swaps:
    """The folder of versions that the server watches.

    Attributes:
        alive: Lowest and highest number of the versions that may answer now; it
            is replaced, never changed, so that it needs no lock.
        done: How many new versions have taken over.
    """

    def __init__(self, base: Path, exports: list[Path]) -> None:
        """Puts the first version there.

        Args:
            base: Folder for the versions.
            exports: SavedModels; versions are copies of them in turn.
        """
        self._base = base
        self._exports = exports
        self._put(1)
        self.alive = (1, 1)
        self.done = 0

    def swap(self, client: Client) -> None:
        """Adds a version, waits until it has taken over, and removes the oldest.

        Args:
            client: Asks the server for the states of the versions.
        """
        old = self.alive[1]
        new = old + 1
        self.alive = (old, new)
        self._put(new)
        end = time.monotonic() + _AVAILABLE_SECONDS
        while not _is_available(client, new):
            if time.monotonic() > end:
                raise TimeoutError(f"version {new} did not become available")
            time.sleep(0.05)
        # Whatever is asked from now on is answered by the new one.
        self.alive = (new, new)
        shutil.rmtree(self._base / str(old))
        self.done += 1

    def _put(self, number: int) -> None:
        with replacing(self._base / str(number)) as temporary:
            shutil.copytree(self._exports[number % 2], temporary)


def _is_available(client: Client, number: int) -> bool:
    return any(
        status.version == number and status.state == "AVAILABLE"
        for status in client.status()
    )
