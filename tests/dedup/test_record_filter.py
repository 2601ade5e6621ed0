from __future__ import annotations

import gzip

import numpy as np
import pytest

from wish_tf.corpora import load_corpus
from wish_tf.dedup.record_filter import RecordFilter
from wish_tf.errors import InputError

KEPT = np.array([True, False, True])
FILES = {
    "a.txt": ("one\r\n\r\ntwo\n  three", "one\r\n\r\n  three"),
    "a.jsonl": (
        '{"text": "é", "x": [1,2]}\n\n{"text":"b"}\n{"text": "c"}\n',
        '{"text": "é", "x": [1,2]}\n\n{"text": "c"}\n',
    ),
    "a.csv": (
        'id,text\n\n1,"one\nline, ""two"""\n2,"b\nb"\n3,c\n',
        'id,text\n\n1,"one\nline, ""two"""\n3,c\n',
    ),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_kept_stays_as_it_is(tmp_path, name, mark):
    text, expected = FILES[name]
    (tmp_path / name).write_bytes((mark + text).encode())
    RecordFilter(tmp_path / name).write(tmp_path / f"out{name}", KEPT)
    assert (tmp_path / f"out{name}").read_bytes().decode() == expected
    documents = load_corpus(tmp_path / name)
    left = load_corpus(tmp_path / f"out{name}")
    assert left.texts == [documents.texts[0], documents.texts[2]]


def test_compressed_in_and_out(tmp_path):
    text, expected = FILES["a.jsonl"]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("out.jsonl.gz", "out.jsonl"):
        RecordFilter(tmp_path / "a.jsonl.gz").write(tmp_path / name, KEPT)
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == (
        (tmp_path / "out.jsonl").read_bytes()
    )
    assert (tmp_path / "out.jsonl").read_bytes().decode() == expected


@pytest.mark.parametrize("lines", ["one\n", "one\n" * 4])
def test_a_file_that_has_changed(tmp_path, lines):
    (tmp_path / "a.txt").write_text(lines)
    with pytest.raises(InputError, match="expected 3 documents"):
        RecordFilter(tmp_path / "a.txt").write(tmp_path / "out.txt", KEPT)
