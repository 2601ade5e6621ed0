"""Reading documents from text, JSON-lines and CSV files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wish_tf.corpora.corpus import Corpus
from wish_tf.errors import InputError

EXTENSIONS = (".txt", ".jsonl", ".jsonl.gz", ".csv")
LABEL_FIELDS = ("labels", "label")
ID_FIELD = "id"
# csv.field_size_limit is 128 KiB by default, less than a long document.
CSV_CELL_LIMIT = 2**31 - 1

Record = tuple[int, dict[str, Any]]


def read_file(
    path: Path,
    *,
    name: str,
    text_field: str = "text",
    label_field: str | None = None,
    split_field: str | None = None,
) -> Corpus:
    """Reads a corpus file, UTF-8 with or without a byte order mark.

    `.txt`: one document a line, blank lines are skipped. `.jsonl` and `.jsonl.gz`: one
    JSON object a line, its label a string, an integer or a list of these; blank lines
    are skipped. `.csv`: a header row, then one document a row, a label cell holds one
    label. In JSON and CSV an empty text is a document, and an empty label is none.
    Documents are named by their field `id`, or else by their line number.

    Args:
        path: An existing file with one of `EXTENSIONS`.
        name: Name of the corpus.
        text_field: Field (column) of the text.
        label_field: Field of the labels; None: `labels`, or else `label`, if the first
            record has it, or else the corpus has no labels.
        split_field: Field of the published split; None: there is none.

    Returns:
        The corpus, in the order of the file.

    Raises:
        InputError: if the file cannot be read as described.
    """
    kind = path.name.lower()
    text = _read_text(path, compressed=kind.endswith(".gz"))
    if kind.endswith(".txt"):
        records: Iterator[Record] = (
            (line, {text_field: content}) for line, content in _lines(text)
        )
    elif kind.endswith(".csv"):
        records = _csv_records(path, text)
    else:
        records = _json_records(path, text)

    texts: list[str] = []
    labels: list[tuple[str, ...]] = []
    ids: list[str] = []
    official: list[str] = []
    for line, record in records:
        where = f"{path}, line {line}"
        if not texts and label_field is None:
            label_field = next((f for f in LABEL_FIELDS if f in record), None)
        texts.append(_text(_field(record, text_field, "text", where), where))
        if label_field is not None:
            value = _field(record, label_field, "label", where)
            labels.append(_labels(value, label_field, where))
        if split_field is not None:
            official.append(str(_field(record, split_field, "split", where)))
        ids.append(str(record.get(ID_FIELD, line)))
    if not texts:
        raise InputError(f"{path}: expected at least one document, the file has none")
    return Corpus(
        name=name,
        texts=texts,
        labels=None if label_field is None else labels,
        ids=ids,
        official=None if split_field is None else official,
    )


def _read_text(path: Path, *, compressed: bool) -> str:
    try:
        content = path.read_bytes()
        if compressed:
            content = gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: expected a gzip file, but {error}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line}: expected UTF-8, got the byte "
            f"0x{content[error.start]:02x} at position {error.start}"
        ) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields the lines that are not blank, numbered from 1 and stripped."""
    # Not str.splitlines: it also breaks at form feeds and U+2028, which are text.
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if stripped := line.strip():
            yield number, stripped


def _json_records(path: Path, text: str) -> Iterator[Record]:
    for line, content in _lines(text):
        try:
            record = json.loads(content)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(
                f"{path}, line {line}: expected a JSON object, but it does not parse: "
                f"{error}"
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                f"{path}, line {line}: expected a JSON object, got "
                f"{type(record).__name__}"
            )
        yield line, record


def _csv_records(path: Path, text: str) -> Iterator[Record]:
    limit = csv.field_size_limit(CSV_CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header: list[str] | None = None
        start = 1
        try:
            for row in reader:
                if not row:
                    pass  # a blank line
                elif header is None:
                    header = row
                elif len(row) != len(header):
                    raise InputError(
                        f"{path}, line {start}: expected {len(header)} cells "
                        f"({', '.join(header)}), got {len(row)}: a cell with a comma "
                        "needs double quotes"
                    )
                else:
                    yield start, dict(zip(header, row, strict=True))
                start = reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                f"{path}, line {start}: expected a CSV row, but {error}"
            ) from error
    finally:
        csv.field_size_limit(limit)


def _field(record: dict[str, Any], field: str, role: str, where: str) -> Any:
    if field not in record:
        raise InputError(
            f"{where}: expected a {role} field {field!r}, the fields present are "
            f"{', '.join(map(repr, record)) or 'none'}"
        )
    return record[field]


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(
            f"{where}: expected the text to be a string, got {type(value).__name__}"
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        # JSON can spell half of a surrogate pair; no UTF-8 consumer accepts it.
        raise InputError(
            f"{where}: expected Unicode text, got a lone surrogate at character "
            f"{error.start}"
        ) from error
    return value


def _labels(value: Any, field: str, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    labels: dict[str, None] = {}
    for label in values:
        if not isinstance(label, str | int):
            raise InputError(
                f"{where}: expected {field!r} to hold a string, an integer or a list "
                f"of these, got {type(label).__name__}"
            )
        if name := str(label).strip():
            labels[name] = None
    return tuple(labels)
