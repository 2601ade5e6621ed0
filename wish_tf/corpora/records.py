"""The records of text, JSON-lines, CSV and Parquet files, a few at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from wish_tf.corpora.lines import RECORD_LIMIT, Lines
from wish_tf.errors import InputError

# By the ends of their names; COMPRESSIONS may follow, but after .parquet.
KINDS = {
    ".txt": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
TEXT = "text"
ROWS = 1024
_MOST = 8192

# Where it is (line or row, from 1) and its fields.
Record: TypeAlias = tuple[int, dict[str, Any]]
CheckNames: TypeAlias = Callable[[Sequence[str]], None]


def record_blocks(
    path: str,
    kind: str,
    delimiter: str | None,
    columns: Sequence[str],
    check_names: CheckNames,
) -> Iterator[list[Record]]:
    """Yields the records of a file, some at a time.

    The size of a block is bounded; of standard input it is what has come.

    Args:
        path: the file; `-`: standard input, unless it is Parquet.
        kind: a value of `KINDS`.
        delimiter: of the cells of a CSV or TSV file; None: the usual one.
        columns: which ones to read of a Parquet file, those not there left out.
        check_names: called with the names of the columns of a CSV or Parquet file.

    Raises:
        InputError: when the file is damaged or of another kind.
    """
    if kind == "parquet":
        yield from _parquet_blocks(path, columns, check_names)
        return
    lines = Lines(path)
    block: list[Record] = []
    for record in line_records(lines, kind, delimiter, check_names):
        if record is not None:
            block.append(record)
        if block and (not lines.left or len(block) == _MOST):
            yield block
            block = []
    if block:
        yield block


def line_records(
    lines: Lines, kind: str, delimiter: str | None, check_names: CheckNames
) -> Iterator[Record | None]:
    """Yields the records of a file of lines, and None for what is none: a blank line
    of JSON or CSV, a header. As many lines have been taken as were needed."""
    if kind == "txt":
        return _text_records(lines)
    if kind == "jsonl":
        return _json_records(lines)
    return _csv_records(
        lines, delimiter or ("\t" if kind == "tsv" else ","), check_names
    )


def _text_records(lines: Lines) -> Iterator[Record]:
    for line in lines:
        text = lines.text(line).rstrip("\r\n")
        # A blank line is a row without a text, as null is elsewhere.
        yield lines.number, {TEXT: text if text.strip() else None}


def _json_records(lines: Lines) -> Iterator[Record | None]:
    for line in lines:
        if not line.strip():
            yield None
            continue
        text = lines.text(line.rstrip())
        try:
            record = _JSON.decode(text)
        except (ValueError, RecursionError) as error:
            reason = str(error).split(";")[0]
            if isinstance(error, json.JSONDecodeError):
                reason = f"{error.msg} at character {error.pos}"
            raise InputError(
                f"expected a JSON object; got what does not parse in {lines.shown}, "
                f"line {lines.number}: {reason}"
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                f"expected a JSON object; got {type(record).__name__} in "
                f"{lines.shown}, line {lines.number}"
            )
        yield lines.number, record


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"two fields {first_twice(names)!r}")
    return record


_JSON = json.JSONDecoder(object_pairs_hook=_distinct)


def first_twice(names: Sequence[str]) -> str | None:
    """Returns the first name that is there more than once, if any is."""
    return next((name for name in names if names.count(name) > 1), None)


def _csv_records(
    lines: Lines, delimiter: str, check_names: CheckNames
) -> Iterator[Record | None]:
    # It is 128 KiB by default, less than a long document.
    csv.field_size_limit(max(csv.field_size_limit(), RECORD_LIMIT))
    start, length = 1, 0

    def decoded() -> Iterator[str]:
        nonlocal length
        for line in lines:
            length += len(line)
            if length > RECORD_LIMIT:
                raise InputError(
                    f"expected at most {RECORD_LIMIT >> 20} MiB; got a longer row, or "
                    f"an open quote, in {lines.shown}, line {start}"
                )
            yield lines.text(line)

    header: list[str] | None = None
    try:
        for row in csv.reader(decoded(), delimiter=delimiter, strict=True):
            if not row:
                yield None
            elif header is None:
                header = row
                check_names(header)
                yield None
            elif len(row) != len(header):
                raise InputError(
                    f"expected {len(header)} cells ({', '.join(header)}); got "
                    f"{len(row)} in {lines.shown}, line {start} (a cell that holds "
                    f"{delimiter!r} needs double quotes)"
                )
            else:
                yield start, dict(zip(header, row, strict=True))
            start, length = lines.number + 1, 0
    except csv.Error as error:
        raise InputError(
            f"expected a CSV row; got what does not parse in {lines.shown}, line "
            f"{start}: {error}"
        ) from error


def open_parquet(path: str) -> pq.ParquetFile:
    """Opens a Parquet file, to be read in pieces.

    Raises:
        InputError: when it is another file.
    """
    try:
        return pq.ParquetFile(path, buffer_size=1 << 20)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"expected a Parquet file; got another file, or a damaged one: {path}"
        ) from error


def _parquet_blocks(
    path: str, columns: Sequence[str], check_names: CheckNames
) -> Iterator[list[Record]]:
    row = 1
    with open_parquet(path) as file:
        check_names(file.schema_arrow.names)
        batches = file.iter_batches(ROWS, columns=columns)
        try:
            for batch in batches:
                yield list(enumerate(batch.to_pylist(), start=row))
                row += len(batch)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise InputError(
                "expected sound Parquet with UTF-8; got what cannot be read in "
                f"{path}, row {row} or one of the {ROWS - 1} after it: "
                f"{str(error).splitlines()[0]}"
            ) from error
