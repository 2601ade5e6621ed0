from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import cast

import pyarrow as pa

from wish_tf.errors import InputError

# A longer line (or CSV row) is no document, but a mistake or an attack: 4 MB of gzip
# can hold a line of 1 GB.
RECORD_LIMIT = 64 << 20
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_CHUNK = 1 << 20


def shown(path: str) -> str:
    """Returns what a file is called in messages."""
    return "standard input" if path == "-" else path


class Lines:
    """The lines of a file or of standard input, as they stand there.

    A line ends at a line feed and nowhere else: a carriage return within it, a form
    feed and U+2028 are text. Of standard input each line is given when it has come.

    Args:
        path: the file, compressed if its name ends in a key of `COMPRESSIONS`; `-`:
            standard input.

    Attributes:
        path, shown: as given, and as messages have it.
        number: how many lines have been given.
        left: how many that were read already are still to be given.

    Raises:
        InputError: while iterating, when a line is longer than `RECORD_LIMIT` bytes, or
            compressed data are damaged.
    """

    def __init__(self, path: str):
        self.path, self.shown, self.number, self.left = path, shown(path), 0, 0

    def __iter__(self) -> Iterator[bytes]:
        begun: list[bytes] = []
        length = 0
        for chunk in self._chunks():
            end = chunk.rfind(b"\n") + 1
            if not end:
                begun.append(chunk)
                length += len(chunk)
                self._check(length)
                continue
            lines = io.BytesIO(b"".join([*begun, chunk[:end]])).readlines()
            self._check(len(lines[0]))
            yield from self._counted(lines)
            begun, length = [chunk[end:]], len(chunk) - end
        if length:
            yield from self._counted([b"".join(begun)])

    def text(self, line: bytes) -> str:
        """Returns the line that was given last as text.

        Raises:
            InputError: when it is not UTF-8.
        """
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"expected UTF-8; got the byte 0x{line[error.start]:02x} at position "
                f"{error.start} of the line in {self.shown}, line {self.number}"
            ) from error

    def _counted(self, lines: list[bytes]) -> Iterator[bytes]:
        if not self.number:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        self.left = len(lines)
        for line in lines:
            self.number += 1
            self.left -= 1
            yield line

    def _check(self, length: int) -> None:
        if length > RECORD_LIMIT:
            raise InputError(
                f"expected at most {RECORD_LIMIT >> 20} MiB; got a longer line in "
                f"{self.shown}, line {self.number + 1}"
            )

    def _chunks(self) -> Iterator[bytes]:
        if self.path == "-":
            # What is there, without waiting for more.
            stdin = cast(io.BufferedReader, sys.stdin.buffer)
            while chunk := stdin.read1(_CHUNK):
                yield chunk
            return
        kind = COMPRESSIONS.get(self.path[self.path.rfind(".") :].lower())
        with open(self.path, "rb") as file:
            stream = pa.CompressedInputStream(file, kind) if kind else file
            try:
                while chunk := stream.read(_CHUNK):
                    yield chunk
            except OSError as error:
                if kind is None:
                    raise
                raise InputError(
                    f"expected a whole {kind} file; got other data or only a part in "
                    f"{self.shown}, after line {self.number}: {error}"
                ) from error
