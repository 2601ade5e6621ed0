from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wish_tf.corpora.documents import file_kind
from wish_tf.corpora.lines import COMPRESSIONS, Lines
from wish_tf.corpora.records import line_records, open_parquet
from wish_tf.errors import InputError

# Rows of Parquet that are read at once and written as one group.
ROWS = 1 << 14


class RecordFilter:
    """Copies the documents of a file, as they stand there, but for some.

    Every field of a document is kept, and how it is written. A few documents are in
    memory at a time.

    Args:
        path: a file that `wish_tf.corpora.Documents` has read.
        kind, delimiter: as `wish_tf.corpora.Fields` has them.
    """

    def __init__(
        self, path: str, kind: str | None = None, delimiter: str | None = None
    ):
        self._path, self._kind, self._delimiter = path, kind, delimiter

    def check(self, out: str) -> None:
        """Raises InputError when the name of the output is that of another format."""
        here = self._kind or file_kind(self._path)
        if file_kind(out) != here:
            raise InputError(
                f"expected a file of the same format, {here}, as the input; got {out!r}"
            )

    def write(self, out: Path, kept: np.ndarray) -> None:
        """Writes a file with the blank lines and the header as they were.

        Args:
            out: the file; compressed if its name ends in `.gz` or `.zst`.
            kept: bool [n], which of the n documents are wanted.

        Raises:
            InputError: when the file no longer has n documents.
        """
        kind = self._kind or file_kind(self._path)
        if kind == "parquet":
            seen = self._write_rows(out, kept)
        else:
            with pa.output_stream(out, COMPRESSIONS.get(out.suffix.lower())) as target:
                seen = self._write_lines(target, kind, kept)
        if seen != kept.size:
            raise InputError(
                f"expected {kept.size} documents in {self._path}, as were read from it "
                f"before; got {seen}"
            )

    def _write_lines(self, target: IO[bytes], kind: str, kept: np.ndarray) -> int:
        lines = _NotedLines(self._path)
        seen = 0
        for record in line_records(lines, kind, self._delimiter, lambda names: None):
            if record is None:
                target.write(lines.taken())
                continue
            text = lines.taken()
            if seen < kept.size and kept[seen]:
                target.write(text)
            seen += 1
        return seen

    def _write_rows(self, out: Path, kept: np.ndarray) -> int:
        seen = 0
        with (
            open_parquet(self._path) as source,
            pq.ParquetWriter(out, source.schema_arrow) as target,
        ):
            for batch in source.iter_batches(ROWS):
                wanted = kept[seen : seen + len(batch)]
                seen += len(batch)
                if len(wanted) == len(batch):
                    target.write_batch(batch.filter(pa.array(wanted)))
        return seen


class _NotedLines(Lines):
    """Lines that are remembered until they are taken."""

    def __init__(self, path: str):
        super().__init__(path)
        self._noted: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        for line in super().__iter__():
            self._noted.append(line)
            yield line

    def taken(self) -> bytes:
        noted = b"".join(self._noted)
        self._noted.clear()
        return noted
