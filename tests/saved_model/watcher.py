from __future__ import annotations

import threading
import time
from pathlib import Path


class Watcher:
    """A thread that lists a model's folder all the time, as a server does.

    Attributes:
        seen: every state in which a number-named folder was seen: its name and
            its files with their sizes.
    """

    def __init__(self, base_path: Path):
        self.seen: set[tuple[str, frozenset]] = set()
        self._base_path = base_path
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            last = self._done.is_set()
            for entry in list(self._base_path.iterdir()):
                if entry.name.isdigit():
                    self.seen.add((entry.name, self.files(entry)))
            if last:
                return
            time.sleep(0.0005)

    @staticmethod
    def files(folder: Path) -> frozenset[tuple[str, int]]:
        """Returns the files below a folder, each with its size."""
        return frozenset(
            (str(path.relative_to(folder)), path.stat().st_size)
            for path in folder.rglob("*")
            if path.is_file()
        )
