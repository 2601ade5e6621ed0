import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark", reason="needs pyspark: pip install '.[spark]'")

from tests.cli.test_commands import output
from tests.integrations.spark.conftest import spark
from wish_tf.cli import main
from wish_tf.codes import codes_to_int
from wish_tf.integrations.spark.write_codes import PREFIX
from wish_tf.saved_model import SavedHasher

__all__ = ["spark"]
TEXTS = ["an array of numbers", None, "send a mail message", "qqqzzz"]


@pytest.fixture
def documents(tmp_path):
    path = tmp_path / "docs.parquet"
    pq.write_table(pa.table({"id": range(4), "body": TEXTS}), path)
    return path


def test_a_file_is_hashed(spark, trained, documents, tmp_path, capsys):
    target = tmp_path / "codes"
    command = ["spark-hash", trained.saved_model, documents, target]
    options = ["--text-field", "body", "--master", "local[1]", "--prefix-bits", "2"]
    report = json.loads(output(capsys, *command, *options, "--json"))
    assert report == {
        "path": str(target),
        "rows": 4,
        "out_of_vocabulary": 1,
        "null": 1,
    }
    hashed = SavedHasher(trained.saved_model).hash([TEXTS[0], TEXTS[2]])
    first, second = codes_to_int(hashed.bits).tolist()
    table = pq.read_table(target).sort_by("id")
    assert table["code"].to_pylist() == [first, None, second, None]
    assert table["body"].to_pylist() == TEXTS
    assert table["out_of_vocabulary"].to_pylist() == [False, None, False, True]
    prefix = first >> hashed.bits.shape[1] - 2
    assert (target / f"code_prefix={prefix}").is_dir()
    wrong = [*options, "--text-field", "text"]
    again = [str(part) for part in [*command[:3], tmp_path / "other", *wrong]]
    assert main(again) == 1
    assert "expected a field 'text'; got 'id', 'body'\n" in capsys.readouterr().err
    # Nothing half-written.
    assert {path.name for path in tmp_path.iterdir()} == {"codes", "docs.parquet"}


def write_jsonl(folder):
    # Signs that Spark reads as a pattern, or as part of an address.
    folder = folder / "[a b]%20"
    folder.mkdir()
    for name, at in (("1.jsonl", slice(0, 2)), ("2.jsonl.gz", slice(2, 4))):
        opened = gzip.open if name.endswith(".gz") else open
        with opened(folder / name, "wt") as file:
            for id_, text in list(enumerate(TEXTS))[at]:
                record = {"meta": {"key": id_}, "title": text, "body": text and "a"}
                file.write(json.dumps(record) + "\n")
    return folder, "--text-field", "title,body", "--id-field", "meta.key"


def write_csv(folder):
    rows = [f'{id_};"{text or ""}"' for id_, text in enumerate(TEXTS)]
    rows[2] = rows[2].replace(" ", "\n")
    path = folder / "docs.csv"
    path.write_text("\ufeffkey;a.b\n" + "\n".join(rows) + "\n", "utf-8")
    fields = ("--text-field", "a.b", "--id-field", "key", "--delimiter", ";")
    return folder / "*.csv", *fields


@pytest.mark.parametrize("write", [write_jsonl, write_csv])
def test_files_of_text_are_hashed(spark, trained, write, tmp_path, capsys):
    path, *fields = write(tmp_path)
    command = ["spark-hash", trained.saved_model, path, tmp_path / "codes", *fields]
    assert "4 rows in" in output(capsys, *command)
    hashed = SavedHasher(trained.saved_model).hash([TEXTS[0], TEXTS[2]])
    first, second = codes_to_int(hashed.bits).tolist()
    table = pq.read_table(tmp_path / "codes").sort_by("id")
    assert table["code"].to_pylist() == [first, None, second, None]
    kind = str if write is write_csv else int
    assert table["id"].to_pylist() == [kind(id_) for id_ in range(4)]
    assert set(table.column_names) == {"id", "code", "out_of_vocabulary", PREFIX}


@pytest.mark.parametrize(
    ("name", "content", "options", "sentence"),
    [
        ("a.txt", "one\n", [], "the formats .jsonl, .csv, .tsv (all also .gz) and"),
        ("a.jsonl.zst", "", [], "the formats .jsonl, .csv, .tsv (all also .gz) and"),
        ("a.jsonl", "", ["--delimiter", ";"], "a CSV or TSV file with a delimiter"),
        ("a.jsonl", "", [], "expected a field 'text'; got none"),
        ("a.jsonl", '{"Text": "a"}', [], "got 'Text' (is it 'Text'?)"),
        ("a.jsonl", '{"text": 1}', [], "strings in the field 'text'; got bigint"),
        ("a.jsonl", '{"text": "a"}\n{"text":', [], "Unexpected end-of-input"),
        ("a.csv", "id,text\n1,a\n2\n", [], "Malformed CSV record: 2"),
        ("a.parquet", "PAR1", [], "got from Spark: "),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    spark, trained, name, content, options, sentence, tmp_path, capsys
):
    path = tmp_path / name
    path.write_text(content)
    command = ["spark-hash", trained.saved_model, path, tmp_path / "codes", *options]
    assert main([str(part) for part in command]) == 1
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert [*tmp_path.iterdir()] == [path]


def test_paths_that_cannot_be_used(trained, documents, tmp_path, capsys):
    model, taken, missing = (
        str(trained.saved_model),
        str(documents),
        str(tmp_path / "no"),
    )
    assert main(["spark-hash", model, missing, str(tmp_path / "codes")]) == 1
    assert f"or a pattern; got '{missing}', where there" in capsys.readouterr().err
    assert main(["spark-hash", model, taken, taken]) == 1
    assert "expected a new folder to write" in capsys.readouterr().err


def test_java_is_asked_for(trained, documents, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert main(["spark-hash", "model", str(documents), str(tmp_path / "codes")]) == 1
    assert "expected Java 17 or later for Spark" in capsys.readouterr().err
