from __future__ import annotations

import glob
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from wish_tf.corpora.corpus import LIMIT_SEED, Batch, Corpus, sample
from wish_tf.corpora.lines import COMPRESSIONS, shown
from wish_tf.corpora.records import KINDS, TEXT, first_twice, record_blocks
from wish_tf.errors import InputError

LABELS = ("labels", "label")
ID = "id"
_ABSENT = object()


@dataclass(frozen=True)
class Fields:
    """Where the parts of a document are in files that have fields.

    A field within another is written with a dot, `meta.body`; one whose own name has
    the dot comes first.

    Attributes:
        text: field of the text; several, with commas between them, are joined by line
            breaks, those that are null left out.
        id: field of the ids; None: `id`, if the first document has it, or else the
            documents are numbered from 1 through all files.
        label: field of the labels; None: `labels`, or else `label`.
        split: field of the published split; None: there is none.
        delimiter: between the cells of a CSV or TSV file; None: a comma or a tab.
        kind: a value of `records.KINDS`; None: by the name of each file, and standard
            input is lines of text.

    Raises:
        InputError: when one of the last two is none.
    """

    text: str = TEXT
    id: str | None = None
    label: str | None = None
    split: str | None = None
    delimiter: str | None = None
    kind: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and (
            len(self.delimiter) != 1 or self.delimiter in '\r\n"'
        ):
            raise InputError(
                f"expected one character as the delimiter; got {self.delimiter!r}"
            )
        if self.kind not in (None, *KINDS.values()):
            raise InputError(
                f"expected files of {', '.join(dict.fromkeys(KINDS.values()))}; got "
                f"{self.kind!r}"
            )


class Documents:
    """The documents of one or more files, read a few at a time.

    `.txt`: a document a line, a blank line is one without a text. `.jsonl`, `.ndjson`:
    a JSON object a line. `.csv`, `.tsv`: a header, then a row a document, UTF-8 with or
    without a byte order mark. All of these also with `.gz` or `.zst` after it.
    `.parquet`. A text that is null is a document without a text.

    Args:
        source: a file; a folder, all files in which are read, by name, but for those
            that begin with `.` or `_`; a pattern such as `docs-*.csv`; or `-`, standard
            input.
        fields: which are read.

    Attributes:
        source: as given.
        name: what the source is called, without its ending.
        paths: of the files.
        id_field: the field that ids were taken from; None: they are numbers. Known
            when the first batch is.

    Raises:
        InputError: when there is no such file, or it has another ending.
    """

    def __init__(self, source: str | os.PathLike[str], fields: Fields = Fields()):
        self.source, self._fields = os.fspath(source), fields
        self.paths = find_files(self.source)
        if not self.paths:
            raise InputError(
                f"expected a file, a folder with files or a pattern; got "
                f"{self.source!r}, where there is none"
            )
        self._kinds = [fields.kind or file_kind(path) for path in self.paths]
        with_cells = {"csv", "tsv"}.issuperset(self._kinds)
        if fields.delimiter is not None and not with_cells:
            raise InputError(
                f"expected a CSV or TSV file with a delimiter; got {self.source!r}"
            )
        chosen = Fields(delimiter=fields.delimiter, kind=fields.kind)
        if "txt" in self._kinds and fields != chosen:
            raise InputError(
                "expected files with fields, where a field is chosen; got lines of "
                f"text, {self.source!r}"
            )
        if "-" in self.paths and "parquet" in self._kinds:
            raise InputError("expected a Parquet file; got standard input")
        name = Path(self.source).name.split("*")[0]
        for suffix in (*COMPRESSIONS, *KINDS):
            if name.lower().endswith(suffix):
                name = name[: -len(suffix)]
        self.name = name or self.source
        self.id_field: str | None = None

    def batches(
        self,
        ids: Literal["unique", "any", "names"] | None = "unique",
        *,
        labels: bool = False,
        limit: int | None = None,
    ) -> Iterator[Batch]:
        """Yields all documents in their order, a few at a time.

        Args:
            ids: `"unique"`: refuse those that are null or repeated (about 100 bytes a
                document are held for that); `"any"`: take these; `"names"`: take
                what is none, such as an object, as null too; None: read none.
            labels: whether to read labels.
            limit: read the files twice, and yield a random sample of so many
                documents that have a text, always the same one.

        Raises:
            InputError: with the file and the line or row, when something cannot be
                read, is missing or is none: a text that is no string, an id that is no
                string or 64-bit integer, or of another kind than the others.
        """
        if limit is None:
            yield from self._all(ids, labels)
            return
        if "-" in self.paths:
            raise InputError("expected files, where a sample is drawn; got '-'")
        count = sum(
            text is not None for batch in self._all(None, False) for text in batch.texts
        )
        chosen = sample(count, limit)
        seen = 0
        for batch in self._all(ids, labels):
            with_text = [i for i, text in enumerate(batch.texts) if text is not None]
            picked = [i for n, i in enumerate(with_text, seen) if chosen[n]]
            seen += len(with_text)
            parts = vars(batch).items()
            yield Batch(
                **{key: [part[i] for i in picked if part] for key, part in parts}
            )

    def corpus(
        self,
        name: str,
        *,
        unique_ids: bool,
        limit: int | None = None,
        most: int | None = None,
    ) -> Corpus:
        """Reads all documents that have a text, with their labels, into memory.

        Args:
            name: of the corpus.
            unique_ids: whether to refuse ids that are null, repeated or none; else a
                document with one that is null or none is called `row` and its number.
            limit: as `batches` takes it.
            most: of more documents than these, a sample of so many is read.

        Raises:
            InputError: as `batches` does; also when there is no document, or none has
                the field of labels that was chosen.
        """
        texts: list[str] = []
        ids: list[str] = []
        labels: list[tuple[str, ...] | None] = []
        splits: list[str] = []
        row = count = 0
        random = np.random.default_rng(LIMIT_SEED)
        for batch in self.batches(
            "unique" if unique_ids else "names", labels=True, limit=limit
        ):
            with_text = [i for i, text in enumerate(batch.texts) if text is not None]
            places = _places(count, len(with_text), most, random)
            for i, place in zip(with_text, places, strict=True):
                if place is not None:
                    # At the place of another document, or at the end.
                    here = slice(place, place + 1)
                    id_ = batch.ids[i]
                    texts[here] = [batch.texts[i] or ""]
                    ids[here] = [f"row {row + i + 1}" if id_ is None else str(id_)]
                    labels[here] = [batch.labels[i]]
                    splits[here] = batch.splits[i : i + 1]
            row += len(batch.texts)
            count += len(with_text)
        if not texts:
            raise InputError(
                f"expected at least one document with a text; got none in {self.source}"
            )
        labelled = any(own is not None for own in labels)
        if self._fields.label is not None and not labelled:
            raise InputError(
                f"expected a field {self._fields.label!r} of labels in at least one "
                f"document; got none in {self.source}"
            )
        return Corpus(
            name=name,
            texts=texts,
            labels=[own or () for own in labels] if labelled else None,
            ids=ids,
            official=splits or None,
            sampled_from=count if count > len(texts) else None,
            without_text=row - count,
        )

    def _all(self, ids: str | None, labels: bool) -> Iterator[Batch]:
        fields = self._fields
        text_fields = fields.text.split(",")
        label_fields = LABELS if fields.label is None else (fields.label,)
        reader = _IdReader(fields.id, ids)
        wanted = [*text_fields, *([fields.split] if fields.split else [])]
        wanted += [fields.id or ID] if ids else []
        wanted += label_fields if labels else []
        optional = {ID, *LABELS} - {fields.id, fields.label}
        for path, kind in zip(self.paths, self._kinds, strict=True):
            check = partial(_check_names, path, wanted, optional)
            unit = "row" if kind == "parquet" else "line"
            for block in record_blocks(path, kind, fields.delimiter, wanted, check):
                batch = Batch([], [], [], [])
                for number, record in block:
                    try:
                        batch.texts.append(_text(record, text_fields))
                        if ids:
                            batch.ids.append(reader.read(record))
                        if labels:
                            batch.labels.append(_labels(record, label_fields))
                        if fields.split:
                            batch.splits.append(str(_needed(record, fields.split)))
                    except InputError as error:
                        raise InputError(
                            f"{error} in {shown(path)}, {unit} {number}"
                        ) from None
                self.id_field = reader.field
                yield batch


def _places(
    before: int, new: int, most: int | None, random: np.random.Generator
) -> list[int | None]:
    """Returns where each document of a stream goes in a random sample, None for those
    that are not in it: Vitter's algorithm R.

    Args:
        before: number of documents that came before these.
        new: number of these.
        most: size of the sample; None: it takes all.
        random: draws.
    """
    places = np.arange(before, before + new)
    if most is None:
        return [*places.tolist()]
    late = places >= most
    places[late] = random.integers(places[late] + 1)
    return [place if place < most else None for place in places.tolist()]


def find_files(source: str) -> list[str]:
    """Returns the files that a source is, sorted; none if there are none."""
    if source == "-":
        return [source]
    source = os.path.expanduser(source)
    if os.path.isdir(source):
        found = glob.glob(os.path.join(glob.escape(source), "**"), recursive=True)
        found = [
            path
            for path in found
            if not any(
                part.startswith((".", "_"))
                for part in Path(path).relative_to(source).parts
            )
        ]
    elif os.path.exists(source):
        return [source]
    else:
        found = glob.glob(source, recursive=True)
    return sorted(path for path in found if os.path.isfile(path))


def file_kind(path: str) -> str:
    """Returns the value of `KINDS` for the name of a file.

    Raises:
        InputError: when it has another ending.
    """
    if path == "-":
        return "txt"
    name = path.lower()
    for compressed in ("", *COMPRESSIONS):
        for suffix, kind in KINDS.items():
            if name.endswith(suffix + compressed) and not (
                compressed and kind == "parquet"
            ):
                return kind
    raise InputError(
        f"expected a file that ends in {', '.join(KINDS)}, all but the last also with "
        f"{' or '.join(COMPRESSIONS)} after it, or that its kind is said; got {path!r}"
    )


def _check_names(
    path: str, wanted: Sequence[str], optional: set[str], names: Sequence[str]
) -> None:
    """Refuses columns that lack a field, or have it twice."""
    for field in wanted:
        top = field if field in names else field.split(".")[0]
        if top not in names and field not in optional:
            raise InputError(f"{missing_field(field, names)} in {shown(path)}")
        if first_twice([name for name in names if name == top]):
            raise InputError(
                f"expected columns of different names; got two named {top!r} in "
                f"{shown(path)}"
            )


def missing_field(field: str, names: Sequence[str]) -> str:
    """Returns the sentence for a field that is not among these."""
    alike = [name for name in names if name.casefold() == field.casefold()]
    hint = f" (is it {alike[0]!r}?)" if alike else ""
    return (
        f"expected a field {field!r}; got {', '.join(map(repr, names)) or 'none'}{hint}"
    )


def _get(record: dict[str, Any], field: str) -> Any:
    """Returns the value of a field, _ABSENT where there is none."""
    value = record.get(field, _ABSENT)
    if value is not _ABSENT or "." not in field:
        return value
    value = record
    for part in field.split("."):
        if value is None:
            return None
        value = value.get(part, _ABSENT) if isinstance(value, dict) else _ABSENT
    return value


def _needed(record: dict[str, Any], field: str) -> Any:
    value = _get(record, field)
    if value is _ABSENT:
        raise InputError(missing_field(field, [*record]))
    return value


def _text(record: dict[str, Any], fields: Sequence[str]) -> str | None:
    values = [_get(record, field) for field in fields]
    if all(value is _ABSENT for value in values):
        raise InputError(missing_field(fields[0], [*record]))
    texts = [value for value in values if value is not None and value is not _ABSENT]
    for value in texts:
        if not isinstance(value, str):
            raise InputError(
                f"expected a string as the text; got {type(value).__name__}"
            )
        _check_unicode(value)
    return "\n".join(texts) if texts else None


def _check_unicode(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        # JSON can spell half of a surrogate pair; no UTF-8 consumer accepts it.
        raise InputError(
            f"expected Unicode; got half a surrogate pair at character {error.start}"
        ) from error


def _labels(record: dict[str, Any], fields: Sequence[str]) -> tuple[str, ...] | None:
    """Returns the labels, each as Python writes it; None where there is no field."""
    found = (_get(record, field) for field in fields)
    value = next((value for value in found if value is not _ABSENT), _ABSENT)
    if value is _ABSENT:
        return None
    labels: dict[str, None] = {}
    for label in value if isinstance(value, list) else [value]:
        if label is None or (isinstance(label, float) and math.isnan(label)):
            continue
        if not isinstance(label, str | int | float):
            raise InputError(
                "expected a string, a number or a list of these as the label; got "
                f"{type(label).__name__}"
            )
        if name := str(label).strip():
            labels[name] = None
    return tuple(labels)


class _IdReader:
    """Reads the ids of documents one after another.

    Attributes:
        field: where they are; None: documents are numbered.
    """

    def __init__(self, field: str | None, ids: str | None):
        self.field, self._chosen = field, field is not None
        self._unique, self._only_names = ids == "unique", ids == "names"
        self._number = 0
        self._seen: set[int | str] = set()
        self._type: type | None = None

    def read(self, record: dict[str, Any]) -> int | str | None:
        try:
            return self._read(record)
        except InputError:
            # A field that was asked for has to be right.
            if self._only_names and not self._chosen:
                return None
            raise

    def _read(self, record: dict[str, Any]) -> int | str | None:
        self._number += 1
        if self._number == 1 and not self._chosen and ID in record:
            self.field = ID
        if self.field is None:
            if ID in record:
                raise InputError(f"expected no id, as before; got the field {ID!r}")
            return self._number
        value = (
            _needed(record, self.field) if self._unique else _get(record, self.field)
        )
        if value is None or value == "" or value is _ABSENT:
            if self._unique:
                raise InputError(
                    f"expected an id in the field {self.field!r}; got "
                    + ("null" if value is None else "an empty string")
                )
            return None
        kind = type(value)
        if kind not in (int, str) or (
            kind is int and not -(1 << 63) <= value < 1 << 63
        ):
            raise InputError(
                f"expected a string or a 64-bit integer as the id in the field "
                f"{self.field!r}; got {str(value)[:40]} ({kind.__name__})"
            )
        if self._type not in (None, kind):
            raise InputError(
                f"expected an id of the type {self._type.__name__}, as before; got "
                f"{value!r}"
            )
        self._type = kind
        if kind is str:
            _check_unicode(value)
        if self._unique:
            if value in self._seen:
                raise InputError(f"expected an id that is new; got {value!r} again")
            self._seen.add(value)
        return value
