from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from wish_tf.corpora.files import CSV_CELL_LIMIT
from wish_tf.errors import InputError


class RecordFilter:
    """Copies the documents of a corpus file, as they stand there, but for some.

    Every field of a document is kept, and how it is written.

    Args:
        path: a file that `wish_tf.corpora.load_corpus` has read.
    """

    def __init__(self, path: str | Path):
        self._path = Path(path).expanduser()

    def write(self, out: Path, kept: np.ndarray) -> None:
        """Writes a file with the blank lines and the header as they were.

        Args:
            out: the file; compressed if its name ends in `.gz`.
            kept: bool [n], which of the n documents are wanted.

        Raises:
            InputError: when the file no longer has n documents.
        """
        seen = 0
        with _open(self._path, "rt") as source, _open(out, "wt") as target:
            for is_document, text in self._pieces(source):
                if is_document:
                    seen += 1
                    if seen > kept.size or not kept[seen - 1]:
                        continue
                target.write(text)
        if seen != kept.size:
            raise InputError(
                f"expected {kept.size} documents in {self._path}, as were read from it "
                f"before; it has {seen} now"
            )

    def _pieces(self, source: TextIO) -> Iterator[tuple[bool, str]]:
        """Yields the whole text in pieces, and whether a piece is a document."""
        if not self._path.name.lower().endswith(".csv"):
            for line in source:
                yield bool(line.strip()), line
            return
        read: list[str] = []

        def lines() -> Iterator[str]:
            for line in source:
                read.append(line)
                yield line

        header = True
        limit = csv.field_size_limit(CSV_CELL_LIMIT)
        try:
            for row in csv.reader(lines(), strict=True):
                # A cell may hold line breaks: a row is all that was read for it.
                yield bool(row) and not header, "".join(read)
                header = header and not row
                read.clear()
        finally:
            csv.field_size_limit(limit)


def _open(path: Path, mode: Literal["rt", "wt"]) -> TextIO:
    # Line breaks stay as they are; a byte order mark goes.
    encoding = "utf-8-sig" if mode == "rt" else "utf-8"
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, mode, encoding=encoding, newline="")
    return open(path, mode, encoding=encoding, newline="")
