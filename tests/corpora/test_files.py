from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.files import read_file
from wish_tf.errors import InputError


def read(path: Path, content: bytes | str, **options) -> Corpus:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, name="test", **options)


def error(path: Path, content: bytes | str, **options) -> str:
    """The message of the expected error, without the folder of the file."""
    with pytest.raises(InputError) as caught:
        read(path, content, **options)
    return str(caught.value).replace(f"{path.parent}/", "")


def json_lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# Text files


def test_txt_has_a_document_a_line_and_skips_blank_lines(tmp_path):
    corpus = read(tmp_path / "a.txt", "first one\n\n  \n  second \nthird")
    assert corpus.texts == ["first one", "second", "third"]
    assert corpus.ids == ["1", "4", "5"]
    assert corpus.labels is None
    assert corpus.official is None


def test_txt_with_byte_order_mark_and_windows_line_ends(tmp_path):
    corpus = read(tmp_path / "a.txt", b"\xef\xbb\xbfna\xc3\xafve\r\n\r\ntwo\r\n")
    assert corpus.texts == ["naïve", "two"]
    assert corpus.ids == ["1", "3"]


def test_unicode_line_separator_is_text(tmp_path):
    assert read(tmp_path / "a.txt", "a\u2028b\x0cc\n").texts == ["a\u2028b\x0cc"]


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_file_without_documents_is_refused(tmp_path, name, content):
    if name == "a.csv" and content:
        content = "text,label\n"
    message = error(tmp_path / name, content)
    assert message == f"{name}: expected at least one document, the file has none"


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_not_utf8_is_refused_with_line_and_byte(tmp_path, name):
    message = error(tmp_path / name, b"text\nna\xefve\n")
    assert message == (
        f"{name}, line 2: expected UTF-8, got the byte 0xef at position 7"
    )


# JSON lines


def test_jsonl_with_several_labels_and_ids(tmp_path):
    content = json_lines(
        {"id": "x", "text": "one", "labels": ["a", "b", "a"]},
        {"id": 7, "text": "", "labels": []},
        {"id": "z", "text": "three", "labels": None},
    )
    corpus = read(tmp_path / "a.jsonl", content)
    assert corpus.texts == ["one", "", "three"]
    assert corpus.labels == [("a", "b"), (), ()]
    assert corpus.ids == ["x", "7", "z"]


def test_jsonl_with_a_single_label(tmp_path):
    content = json_lines({"text": "one", "label": "a"}, {"text": "two", "label": 3})
    corpus = read(tmp_path / "a.jsonl", content)
    assert corpus.labels == [("a",), ("3",)]
    assert corpus.ids == ["1", "2"]


def test_jsonl_without_labels(tmp_path):
    assert read(tmp_path / "a.jsonl", json_lines({"text": "one"})).labels is None


def test_labels_is_preferred_to_label(tmp_path):
    content = json_lines({"text": "one", "label": "a", "labels": ["b"]})
    assert read(tmp_path / "a.jsonl", content).labels == [("b",)]
    corpus = read(tmp_path / "a.jsonl", content, label_field="label")
    assert corpus.labels == [("a",)]


def test_chosen_fields(tmp_path):
    content = json_lines({"body": "one", "topic": "a", "part": "train"})
    corpus = read(
        tmp_path / "a.jsonl",
        content,
        text_field="body",
        label_field="topic",
        split_field="part",
    )
    assert (corpus.texts, corpus.labels) == (["one"], [("a",)])
    assert corpus.official == ["train"]


def test_gzip_with_byte_order_mark_and_windows_line_ends(tmp_path):
    content = gzip.compress(b'\xef\xbb\xbf{"text": "one"}\r\n\r\n{"text": "two"}\r\n')
    assert read(tmp_path / "a.jsonl.gz", content).texts == ["one", "two"]


@pytest.mark.parametrize(
    "content", [b'{"text": "one"}', gzip.compress(b'{"text": "one"}', mtime=0)[:-9]]
)
def test_broken_gzip_is_refused(tmp_path, content):
    message = error(tmp_path / "a.jsonl.gz", content)
    assert message.startswith("a.jsonl.gz: expected a gzip file, but ")


def test_line_that_does_not_parse_is_named(tmp_path):
    message = error(tmp_path / "a.jsonl", '{"text": "one"}\n\n{"text": }\n')
    assert message.startswith(
        "a.jsonl, line 3: expected a JSON object, but it does not parse: Expecting"
    )


def test_line_that_is_no_object_is_named(tmp_path):
    message = error(tmp_path / "a.jsonl", '{"text": "one"}\n["two"]\n')
    assert message == "a.jsonl, line 2: expected a JSON object, got list"


def test_missing_text_field_is_named_with_those_present(tmp_path):
    message = error(tmp_path / "a.jsonl", json_lines({"body": "one", "label": "a"}))
    assert message == (
        "a.jsonl, line 1: expected a text field 'text', the fields present are "
        "'body', 'label'"
    )


def test_missing_label_on_a_later_line_is_named(tmp_path):
    content = json_lines({"text": "one", "label": "a"}, {"text": "two"})
    assert error(tmp_path / "a.jsonl", content) == (
        "a.jsonl, line 2: expected a label field 'label', the fields present are 'text'"
    )


def test_text_that_is_no_string_is_refused(tmp_path):
    message = error(tmp_path / "a.jsonl", json_lines({"text": 12}))
    assert message == "a.jsonl, line 1: expected the text to be a string, got int"


def test_half_a_surrogate_pair_is_refused(tmp_path):
    message = error(tmp_path / "a.jsonl", '{"text": "ab\\ud83d"}\n')
    assert message == (
        "a.jsonl, line 1: expected Unicode text, got a lone surrogate at character 2"
    )


@pytest.mark.parametrize(
    ("label", "kind"), [(1.5, "float"), ({"a": 1}, "dict"), ([["a"]], "list")]
)
def test_label_of_another_type_is_refused(tmp_path, label, kind):
    message = error(tmp_path / "a.jsonl", json_lines({"text": "one", "label": label}))
    assert message == (
        "a.jsonl, line 1: expected 'label' to hold a string, an integer or a list of "
        f"these, got {kind}"
    )


# CSV


def test_csv_with_commas_quotes_and_newlines_in_cells(tmp_path):
    content = 'id,text,label\r\nx,"a, ""b""\nc",red\r\n\r\ny,plain,\r\n'
    corpus = read(tmp_path / "a.csv", content)
    assert corpus.texts == ['a, "b"\nc', "plain"]
    assert corpus.labels == [("red",), ()]
    assert corpus.ids == ["x", "y"]


def test_csv_with_byte_order_mark_and_chosen_columns(tmp_path):
    corpus = read(
        tmp_path / "a.csv",
        b"\xef\xbb\xbfbody,topic\none,red\n",
        text_field="body",
        label_field="topic",
    )
    assert (corpus.texts, corpus.labels, corpus.ids) == (["one"], [("red",)], ["2"])


def test_csv_without_labels(tmp_path):
    assert read(tmp_path / "a.csv", "text,year\none,1999\n").labels is None


def test_csv_cell_larger_than_the_default_limit(tmp_path):
    text = "word " * 40_000
    assert read(tmp_path / "a.csv", f"text\n{text}\n").texts == [text]


def test_csv_missing_column_is_named_with_those_present(tmp_path):
    message = error(tmp_path / "a.csv", "body,label\none,a\n")
    assert message == (
        "a.csv, line 2: expected a text field 'text', the fields present are 'body', "
        "'label'"
    )


def test_csv_row_with_too_many_cells_is_refused(tmp_path):
    content = 'text,label\n"a\nb",x\none, two,y\n'
    assert error(tmp_path / "a.csv", content) == (
        "a.csv, line 4: expected 2 cells (text, label), got 3: a cell with a comma "
        "needs double quotes"
    )


def test_csv_row_with_too_few_cells_is_refused(tmp_path):
    message = error(tmp_path / "a.csv", "text,label\none\n")
    assert message.startswith("a.csv, line 2: expected 2 cells (text, label), got 1")


def test_csv_with_an_open_quote_is_refused(tmp_path):
    message = error(tmp_path / "a.csv", 'text\nfine\n"open\nend\n')
    assert message == ("a.csv, line 3: expected a CSV row, but unexpected end of data")
