from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wish_tf.index.string_table import StringTable


class StringSpool:
    """Gathers strings in a file, so that their text takes no memory.

    Use it as a context manager.

    Args:
        path: a new file; it must not be removed before `table` is done with.
    """

    def __init__(self, path: Path):
        self._path, self._end, self._ends = path, 0, array("q")

    def __enter__(self) -> StringSpool:
        self._file = self._path.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, strings: Iterable[str]) -> None:
        for string in strings:
            self._end += self._file.write(string.encode("utf-8", "surrogatepass"))
            self._ends.append(self._end)

    def table(self) -> StringTable:
        """Maps the strings that were added."""
        self._file.flush()
        text = np.empty(0, np.uint8)
        if self._end:
            text = np.memmap(self._path, np.uint8, "r")
        return StringTable(text, np.array(self._ends, np.int64))
