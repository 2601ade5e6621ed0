from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wish_tf.corpora import Documents
from wish_tf.corpora.lines import Lines
from wish_tf.dedup import record_filter
from wish_tf.dedup.record_filter import RecordFilter
from wish_tf.errors import InputError

KEPT = np.array([True, False, True])
FILES = {
    "a.txt": ("one\r\n\r\n  three", "one\r\n  three"),
    "a.jsonl": (
        '{"text": "é", "x": [1,2]}\n\n{"text":"b"}\n{"text": "c"}\n',
        '{"text": "é", "x": [1,2]}\n\n{"text": "c"}\n',
    ),
    "a.csv": (
        'id,text\n\n1,"one\nline, ""two"""\n2,"b\nb"\n3,c\n',
        'id,text\n\n1,"one\nline, ""two"""\n3,c\n',
    ),
    "a.tsv": ("text\tn\r\na,b\t1\r\n\r\nc\t2\r\n\t3", "text\tn\r\na,b\t1\r\n\r\n\t3"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_kept_stays_as_it_is(tmp_path, name, mark):
    text, expected = FILES[name]
    (tmp_path / name).write_bytes((mark + text).encode())
    out = tmp_path / f"out{name}"
    RecordFilter(str(tmp_path / name)).write(out, KEPT)
    assert out.read_bytes().decode() == expected
    documents, left = (
        [text for batch in Documents(path).batches(None) for text in batch.texts]
        for path in (tmp_path / name, out)
    )
    assert left == [documents[0], documents[2]]


def test_compressed_in_and_out(tmp_path):
    text, expected = FILES["a.jsonl"]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("out.jsonl.gz", "out.jsonl.zst", "out.jsonl"):
        RecordFilter(str(tmp_path / "a.jsonl.gz")).write(tmp_path / name, KEPT)
        assert b"".join(Lines(str(tmp_path / name))).decode() == expected
    assert (tmp_path / "out.jsonl.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_rows_of_parquet(tmp_path, monkeypatch):
    monkeypatch.setattr(record_filter, "ROWS", 2)
    table = pa.table({"text": ["a", "b", None], "more": [[1], None, [2, 3]]})
    table = table.replace_schema_metadata({"of": "the schema"})
    pq.write_table(table, tmp_path / "a.parquet")
    RecordFilter(str(tmp_path / "a.parquet")).write(tmp_path / "b.parquet", KEPT)
    left = pq.read_table(tmp_path / "b.parquet")
    assert left.equals(table.take([0, 2]))
    assert left.schema.metadata == table.schema.metadata


def test_another_format_is_refused(tmp_path):
    RecordFilter("a.csv").check("b.csv.gz")
    RecordFilter("a.log", "jsonl").check("b.ndjson")
    with pytest.raises(
        InputError, match="the same format, csv, as the input; got 'b.t"
    ):
        RecordFilter("a.csv").check("b.tsv")


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("kind", ["txt", "parquet"])
def test_a_file_that_has_changed(tmp_path, kind, rows):
    path = tmp_path / f"a.{kind}"
    path.write_text("one\n" * rows)
    if kind == "parquet":
        pq.write_table(pa.table({"text": ["one"] * rows}), path)
    with pytest.raises(InputError, match=f"expected 3 documents in .* got {rows}"):
        RecordFilter(str(path)).write(tmp_path / f"out.{kind}", KEPT)
