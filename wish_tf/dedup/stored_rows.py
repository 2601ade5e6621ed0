from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
from scipy.sparse import csr_array

from wish_tf.dedup.parts import parts


class StoredRows:
    """Rows of columns, of any length each, in a file: they take eight bytes a row of
    memory, however long they are.

    The file is in the temporary folder, has no name, and is gone with the object.

    Args:
        batches: the columns of some rows end to end, int32, and how many each of these
            rows has, int64 [r].

    Attributes:
        columns: int32 [m], of all rows end to end, mapped from the file.
        starts: int64 [n + 1], where the rows start in `columns`, and where the last one
            ends.
    """

    def __init__(self, batches: Iterable[tuple[np.ndarray, np.ndarray]]):
        sizes = [np.zeros(1, np.int64)]
        with tempfile.TemporaryFile() as file:
            for columns, size in batches:
                file.write(columns.data)
                sizes.append(size)
            file.flush()
            self.columns = np.empty(0, np.int32)
            if file.tell():
                # The map stays when the file is closed. An array of its own class
                # would be slower to index.
                self.columns = np.asarray(np.memmap(file, np.int32, "r"))
        self.starts = np.cumsum(np.concatenate(sizes))

    @property
    def sizes(self) -> np.ndarray:
        """How many columns each row has, int64 [n]."""
        return np.diff(self.starts)

    def matrix(
        self, rows: np.ndarray, width: int, sizes: np.ndarray | None = None
    ) -> csr_array:
        """Returns some rows as a matrix of ones, int32 [r, width].

        Args:
            rows: numbers of rows, int64 [r].
            width: more than any column.
            sizes: how many of the columns of each to take, int64 [r]; None: all.
        """
        starts = self.starts[rows]
        if sizes is None:
            sizes = self.starts[rows + 1] - starts
        indptr = np.append(0, np.cumsum(sizes))
        at = np.repeat(starts - indptr[:-1], sizes) + np.arange(indptr[-1])
        ones = np.ones(at.size, np.int32)
        taken = ones, self.columns[at], indptr.astype(np.int32)
        return csr_array(taken, shape=(rows.size, width))

    def parts(self, limit: int) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yields some rows at a time: which, their columns end to end, and how many
        each has.

        Args:
            limit: how many columns at a time; a longer row comes alone.
        """
        for part in parts(self.starts, limit):
            starts = self.starts[part.start : part.stop + 1]
            yield part, self.columns[starts[0] : starts[-1]], np.diff(starts)
