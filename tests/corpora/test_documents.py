from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wish_tf.corpora import Corpus, Documents, Fields
from wish_tf.corpora import lines as lines_module
from wish_tf.corpora import records as records_module
from wish_tf.errors import InputError


def put(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(source: object, ids: str | None = "unique", **fields) -> list[tuple]:
    """Ids and texts of all documents."""
    batches = Documents(source, Fields(**fields)).batches(ids)
    return [
        row for batch in batches for row in zip(batch.ids, batch.texts, strict=True)
    ]


def texts(source: object, **fields) -> list[str | None]:
    batches = Documents(source, Fields(**fields)).batches(None)
    return [text for batch in batches for text in batch.texts]


def corpus(source: object, **fields) -> Corpus:
    return Documents(source, Fields(**fields)).corpus("test", unique_ids=True)


def error(path: Path, content: bytes | str, **fields) -> str:
    """The message of the expected error, without the folder of the file."""
    put(path, content)
    with pytest.raises(InputError) as caught:
        corpus(path, **fields)
    return str(caught.value).replace(f"{path.parent}/", "")


def json_lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# Formats


def test_txt_has_a_document_a_line_and_a_blank_one_has_no_text(tmp_path):
    path = put(tmp_path / "a.txt", "first one\n\n  \r\n second \r\nthird")
    assert rows(path) == [
        (1, "first one"),
        (2, None),
        (3, None),
        (4, " second "),
        (5, "third"),
    ]
    assert corpus(path) == Corpus(
        "test",
        ["first one", " second ", "third"],
        None,
        ["1", "4", "5"],
        without_text=2,
    )


def test_a_carriage_return_ends_no_line(tmp_path):
    path = put(tmp_path / "cr.txt", b"fit a linear\rmodel\nsend a mail\nsend a mail\n")
    assert texts(path) == ["fit a linear\rmodel", "send a mail", "send a mail"]


def test_the_texts_of_fields_not_the_lines(tmp_path):
    a, b = "fit a linear model", "send a mail, to the server"
    documents = [
        {"id": "a", "text": a, "label": "ml"},
        {"id": "b", "text": b, "label": "net"},
    ]
    put(tmp_path / "docs.jsonl", json_lines(*documents))
    put(tmp_path / "docs.csv", f'id,text,label\na,{a},ml\nb,"{b}",net\n')
    put(
        tmp_path / "docs.tsv", f"\ufeffid\ttext\tlabel\r\na\t{a}\tml\r\nb\t{b}\tnet\r\n"
    )
    pq.write_table(pa.Table.from_pylist(documents), tmp_path / "docs.parquet")
    for suffix in ("jsonl", "csv", "tsv", "parquet"):
        path = tmp_path / f"docs.{suffix}"
        assert rows(path) == [("a", a), ("b", b)]
        assert corpus(path).labels == [("ml",), ("net",)]
        if suffix != "parquet":
            packed = put(Path(f"{path}.gz"), gzip.compress(path.read_bytes()))
            assert rows(packed) == [("a", a), ("b", b)]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
)
def test_all_string_types_of_arrow(tmp_path, kind):
    text = pa.array(["fit a model", "send a mail", None]).cast(kind)
    table = pa.table({"id": [10, 20, 30], "text": text})
    pq.write_table(table, tmp_path / "a.parquet")
    expected = [(10, "fit a model"), (20, "send a mail"), (30, None)]
    assert rows(tmp_path / "a.parquet") == expected


def test_null_texts_are_rows(tmp_path):
    path = put(
        tmp_path / "nulltext.jsonl",
        json_lines({"id": 1, "text": "fit a model"}, {"id": 2, "text": None}),
    )
    assert rows(path) == [(1, "fit a model"), (2, None)]
    assert corpus(path).ids == ["1"]


def test_blank_lines_of_json_and_csv_are_no_documents(tmp_path):
    assert texts(put(tmp_path / "a.jsonl", '\n{"text": "a"}\n \n\n')) == ["a"]
    content = '\ntext,n\r\n"a, ""b""\nc",1\r\n\r\n,2\n'
    assert texts(put(tmp_path / "a.csv", content)) == ['a, "b"\nc', ""]


def test_csv_cell_larger_than_the_default_limit_of_python(tmp_path):
    text = "word " * 40_000
    assert texts(put(tmp_path / "a.csv", f"text\n{text}\n")) == [text]


def test_another_delimiter(tmp_path):
    path = put(tmp_path / "a.csv", "id;text\n1;one, two\n")
    assert rows(path, delimiter=";") == [("1", "one, two")]


def test_fields_within_others_and_several(tmp_path):
    documents = [
        {"title": "A", "meta": {"body": "a b"}},
        {"title": None, "meta": {"body": "c"}},
        {"title": "D", "meta": None},
        {"title": None, "meta": {"body": None}},
    ]
    put(tmp_path / "a.jsonl", json_lines(*documents))
    pq.write_table(pa.Table.from_pylist(documents), tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        assert texts(tmp_path / name, text="meta.body") == ["a b", "c", None, None]
        joined = texts(tmp_path / name, text="title,meta.body")
        assert joined == ["A\na b", "c", "D", None]
    put(tmp_path / "b.jsonl", '{"meta.body": "own", "meta": {"body": "within"}}\n')
    assert texts(tmp_path / "b.jsonl", text="meta.body") == ["own"]


def test_folders_and_patterns(tmp_path):
    folder = tmp_path / "docs"
    (folder / "part=1" / ".hidden").mkdir(parents=True)
    put(folder / "b.csv", "text\nb\n")
    put(folder / "part=1" / "a.jsonl.gz", gzip.compress(b'{"text": "a"}\n'))
    put(folder / "part=1" / ".hidden" / "x.docx", "x")
    put(folder / "_SUCCESS", "")
    documents = Documents(folder)
    assert documents.paths == [str(folder / "b.csv"), str(folder / "part=1/a.jsonl.gz")]
    assert documents.name == "docs"
    # Numbered through all of them.
    assert rows(folder) == [(1, "b"), (2, "a")]
    assert texts(f"{tmp_path}/*/*.csv") == ["b"]
    put(folder / "more.docx", "x")
    with pytest.raises(InputError, match=r"ends in \.txt, .* got .*more\.docx"):
        Documents(folder)
    for missing in ("none*.csv", "nothing.csv"):
        with pytest.raises(InputError, match=f"got .*{missing[:4]}.*, where .* none"):
            Documents(tmp_path / missing)


def test_the_kind_of_a_file_may_be_said(tmp_path):
    path = put(tmp_path / "a.log", '{"text": "a"}\n')
    assert texts(path, kind="jsonl") == ["a"]
    assert texts(path, kind="txt") == ['{"text": "a"}']


def test_names_without_their_endings(tmp_path):
    for name in ("My.news.jsonl.gz", "My.news.parquet", "My.news.TXT"):
        put(tmp_path / name, "")
        assert Documents(tmp_path / name).name == "My.news"


# Ids


def test_ids_keep_type_and_value(tmp_path):
    big = 9007199254740993
    table = pa.table({"id": [big, None, big + 2], "text": ["a", "b", "c"]})
    pq.write_table(table, tmp_path / "nullid.parquet")
    assert rows(tmp_path / "nullid.parquet", "any") == [
        (big, "a"),
        (None, "b"),
        (big + 2, "c"),
    ]
    path = put(
        tmp_path / "a.jsonl", json_lines({"key": "7", "text": "a"}, {"text": ""})
    )
    assert rows(path, "any", id="key") == [("7", "a"), (None, "")]


def test_what_was_taken_as_ids_is_known(tmp_path):
    path = put(tmp_path / "docid.csv", "doc_id,text\nA7,fit a model\nB9,fit a model\n")
    for field, expected in ((None, [1, 2]), ("doc_id", ["A7", "B9"])):
        documents = Documents(path, Fields(id=field))
        assert [batch.ids for batch in documents.batches()] == [expected]
        assert documents.id_field == field


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"id": None}, "expected an id in the field 'id'; got null"),
        ({"id": ""}, "expected an id in the field 'id'; got an empty string"),
        ({}, "expected a field 'id'; got 'text'"),
        ({"id": 2}, "expected an id that is new; got 2 again"),
        ({"id": "2"}, "expected an id of the type int, as before; got '2'"),
        ({"id": 1.0}, "expected a string or a 64-bit integer as the id in the field "
         "'id'; got 1.0 (float)"),
        ({"id": True}, "expected a string or a 64-bit integer as the id in the field "
         "'id'; got True (bool)"),
        ({"id": {"$oid": "5f"}}, "expected a string or a 64-bit integer as the id in "
         "the field 'id'; got {'$oid': '5f'} (dict)"),
        ({"id": 1 << 63}, "expected a string or a 64-bit integer as the id in the "
         "field 'id'; got 9223372036854775808 (int)"),
    ],
)  # fmt: skip
def test_an_id_that_is_none_is_refused_with_its_line(tmp_path, second, message):
    content = json_lines({"id": 2, "text": "a"}, second | {"text": "b"})
    assert error(tmp_path / "a.jsonl", content) == f"{message} in a.jsonl, line 2"


def test_an_id_after_documents_without_is_refused(tmp_path):
    content = json_lines({"text": "a"}, {"id": 1, "text": "b"})
    assert error(tmp_path / "a.jsonl", content) == (
        "expected no id, as before; got the field 'id' in a.jsonl, line 2"
    )


def test_a_repeated_id_of_a_csv_file_is_refused(tmp_path):
    content = 'id,text\n7,"fit\na model"\n7,fit a model\n'
    assert error(tmp_path / "a.csv", content) == (
        "expected an id that is new; got '7' again in a.csv, line 4"
    )
    assert rows(tmp_path / "a.csv", "any")[1] == ("7", "fit a model")
    # Where ids are not read, they do not matter.
    assert texts(tmp_path / "a.csv")[1] == "fit a model"


def test_names_are_whatever_ids_there_are(tmp_path):
    content = json_lines(
        {"id": {"$oid": "5f"}, "text": "a"}, {"id": 7, "text": ""}, {"text": "c"}
    )
    documents = Documents(put(tmp_path / "a.jsonl", content))
    found = documents.corpus("test", unique_ids=False)
    assert found.ids == ["row 1", "7", "row 3"]


# Labels


@pytest.mark.parametrize(
    ("records", "labels"),
    [
        ([{"label": 1.0}, {"label": None}], [("1.0",), ()]),
        ([{"label": "x"}, {}], [("x",), ()]),
        ([{}, {"label": "x"}], [(), ("x",)]),
        ([{}, {}], None),
        ([{"labels": ["a", " b", "a", 3, None, ""]}], [("a", "b", "3")]),
        ([{"labels": []}, {"label": 3}], [(), ("3",)]),
        ([{"label": "a", "labels": ["b"]}], [("b",)]),
        ([{"label": float("nan")}], [()]),
    ],
)
def test_labels(tmp_path, records, labels):
    content = json_lines(*({"text": "t"} | record for record in records))
    assert corpus(put(tmp_path / "a.jsonl", content)).labels == labels


def test_labels_are_read_where_they_are_wanted_only(tmp_path):
    content = json_lines({"text": "t", "label": {"a": 1}})
    assert texts(put(tmp_path / "a.jsonl", content)) == ["t"]
    assert error(tmp_path / "a.jsonl", content) == (
        "expected a string, a number or a list of these as the label; got dict in "
        "a.jsonl, line 1"
    )


def test_a_chosen_field_of_labels_must_be_there(tmp_path):
    assert error(tmp_path / "a.jsonl", '{"text": "t"}\n', label="topic") == (
        "expected a field 'topic' of labels in at least one document; got none in "
        "a.jsonl"
    )
    assert error(tmp_path / "a.csv", "text,Topic\nt,x\n", label="topic") == (
        "expected a field 'topic'; got 'text', 'Topic' (is it 'Topic'?) in a.csv"
    )


def test_the_published_split(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "t", "part": "train"}\n')
    assert corpus(path, split="part").official == ["train"]


# Broken files


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", ""), ("a.txt", "\n \n"), ("a.csv", "text\n")]
)
def test_a_file_without_documents_is_refused(tmp_path, name, content):
    assert error(tmp_path / name, content) == (
        f"expected at least one document with a text; got none in {name}"
    )


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_bytes_that_are_no_utf8_are_refused_with_their_line(tmp_path, name):
    first = b'{"text": "a"}\n' if name == "a.jsonl" else b"text\n"
    assert error(tmp_path / name, first + b"na\xefve\n") == (
        f"expected UTF-8; got the byte 0xef at position 2 of the line in {name}, line 2"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": }', "a JSON object; got what does not parse @: Expecting"),
        ('{"text": "cut of', "a JSON object; got what does not parse @: Unterminated"),
        ('{"text": "a", "text": "b"}',
         "a JSON object; got what does not parse @: two fields 'text'"),
        ('{"text": "a", "n": ' + "9" * 5000 + "}",
         "a JSON object; got what does not parse @: Exceeds the limit (4300 digits)"),
        ('{"text": "a", "n": ' + "[" * 10**5,
         "a JSON object; got what does not parse @: maximum recursion depth exceeded"),
        ('["two"]', "a JSON object; got list @"),
        ('{"text": 12}', "a string as the text; got int @"),
        ('{"text": ["a"]}', "a string as the text; got list @"),
        ('{"Text": "a"}', "a field 'text'; got 'Text' (is it 'Text'?) @"),
        ('{"text": "ab\\ud83d"}',
         "Unicode; got half a surrogate pair at character 2 @"),
        ('{"text": "ab", "id": "\\ud83d"}', "no id, as before; got the field 'id' @"),
    ],
)  # fmt: skip
def test_a_broken_line_of_json_is_named(tmp_path, line, message):
    found = error(tmp_path / "a.jsonl", f'{{"text": "one"}}\n\n{line}\n')
    message = message.replace("@", "in a.jsonl, line 3")
    assert found.startswith(f"expected {message}")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,id,text\na,1,\n",
         "columns of different names; got two named 'text' in a.csv"),
        ("Text,label\na,b\n",
         "a field 'text'; got 'Text', 'label' (is it 'Text'?) in a.csv"),
        ('text,label\n"a\nb",x\none, two,y\n', "2 cells (text, label); got 3 in "
         "a.csv, line 4 (a cell that holds ',' needs double quotes)"),
        ("text,label\none\n", "2 cells (text, label); got 1 in a.csv, line 2"),
        ('text\nfine\n"open\nend\n', "a CSV row; got what does not parse in a.csv, "
         "line 3: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_broken_csv_file_is_named(tmp_path, content, message):
    assert error(tmp_path / "a.csv", content).startswith(f"expected {message}")


def test_an_open_quote_does_not_take_the_whole_file(tmp_path, monkeypatch):
    monkeypatch.setattr(records_module, "RECORD_LIMIT", 100)
    assert error(tmp_path / "a.csv", 'text\nfine\n"open\n' + "line\n" * 100) == (
        "expected at most 0 MiB; got a longer row, or an open quote, in a.csv, line 3"
    )


def test_two_unread_columns_of_one_name_do_no_harm(tmp_path):
    assert texts(put(tmp_path / "a.csv", "text,,\na,1,2\n")) == ["a"]


def test_a_broken_parquet_file_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    assert error(path, b"PAR1 no") == (
        "expected a Parquet file; got another file, or a damaged one: a.parquet"
    )
    bad = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"a\xff")],
    )
    pq.write_table(pa.table({"text": bad}), path)
    assert error(path, path.read_bytes()).startswith(
        "expected sound Parquet with UTF-8; got what cannot be read in a.parquet, row "
        "1 or one of the "
    )
    pq.write_table(pa.table({"text": [1.5]}), path)
    assert error(path, path.read_bytes()) == (
        "expected a string as the text; got float in a.parquet, row 1"
    )
    two = pa.table([["a"], ["b"]], names=["text", "text"])
    pq.write_table(two, path)
    assert error(path, path.read_bytes()).endswith("got two named 'text' in a.parquet")


def test_fields_that_are_none_are_refused():
    with pytest.raises(InputError, match="one character as the delimiter; got '::'"):
        Fields(delimiter="::")
    with pytest.raises(InputError, match="expected files of txt, jsonl, .* got 'xml'"):
        Fields(kind="xml")


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("a.txt", {"text": "body"}, "expected files with fields, where a field is "),
        ("a.jsonl", {"delimiter": ";"}, "expected a CSV or TSV file with a delimiter"),
    ],
)
def test_options_of_other_formats_are_refused(tmp_path, name, fields, message):
    assert error(tmp_path / name, "", **fields).startswith(message)


# Samples


def test_a_sample_is_of_documents_with_a_text(tmp_path):
    path = put(tmp_path / "a.txt", "".join(f"{i}\n\n" for i in range(50)))
    batches = list(Documents(path).batches(limit=20))
    found = [
        (id_, text) for b in batches for id_, text in zip(b.ids, b.texts, strict=True)
    ]
    assert len(found) == 20
    assert all(id_ == 2 * int(text) + 1 for id_, text in found)


# Any texts through any format

ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\ufeff\0"),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(ANY_TEXT, st.booleans()), min_size=1), st.integers(1, 9))
def test_rows_in_are_rows_out_in_every_format(pairs, chunk):
    """The same texts, in their order, whatever the format and the reads."""
    wanted = [None if null else text for text, null in pairs]
    filled = ["" if text is None else text for text in wanted]
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(lines_module, "_CHUNK", chunk)
        patch.setattr(records_module, "ROWS", chunk)
        path = Path(folder)
        lines = "".join(f"{text}\n" for text in filled)
        put(path / "a.txt", lines)
        put(path / "a.txt.gz", gzip.compress(lines.encode()))
        put(path / "a.jsonl", json_lines(*({"text": text} for text in wanted)))
        pq.write_table(
            pa.table({"text": pa.array(wanted, pa.string())}), path / "a.parquet"
        )
        for name, delimiter in (("a.csv", ","), ("a.tsv", "\t")):
            cells = io.StringIO()
            writer = csv.writer(cells, delimiter=delimiter)
            writer.writerows([["n", "text"], *enumerate(filled)])
            put(path / name, cells.getvalue())
        for name in sorted(os.listdir(folder)):
            found = texts(path / name)
            assert len(found) == len(wanted)
            if name in ("a.jsonl", "a.parquet"):
                assert found == wanted
            elif name in ("a.csv", "a.tsv"):
                assert found == filled
            else:
                assert found == [text if text.strip() else None for text in filled]
