"""How the commands read files; what a file says is in tests/corpora."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wish_tf.cli import main
from wish_tf.integrations import ParquetCodes

TEXTS = ["an array of numbers", "send a mail, to the server", "sort a list"]


def run(capsys, *command) -> tuple[str, str]:
    capsys.readouterr()
    assert main([str(part) for part in command]) == 0
    return capsys.readouterr()


def error(capsys, *command) -> str:
    capsys.readouterr()
    assert main([str(part) for part in command]) == 1
    out, err = capsys.readouterr()
    [line] = [line for line in err.splitlines() if "no --model" not in line]
    assert out == ""
    return line.removeprefix("wish-tf: error: ")


def write_lines(path, *records) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def files(tmp_path):
    """The same texts in every format."""
    paths = {kind: tmp_path / f"docs.{kind}" for kind in ("txt", "jsonl", "csv")}
    paths["txt"].write_text("".join(f"{text}\n" for text in TEXTS))
    records = [{"id": f"d{i}", "text": text} for i, text in enumerate(TEXTS)]
    write_lines(paths["jsonl"], *records)
    paths["csv"].write_text(
        "id,text\n" + "".join(f'd{i},"{text}"\n' for i, text in enumerate(TEXTS))
    )
    paths["parquet"] = tmp_path / "docs.parquet"
    pq.write_table(pa.Table.from_pylist(records), paths["parquet"])
    return paths


def test_hash_gives_the_codes_of_texts_whatever_the_format(trained, files, capsys):
    codes = {kind: run(capsys, "hash", trained.saved_model, path).out.splitlines()
             for kind, path in files.items()}  # fmt: skip
    assert [codes["txt"]] * 4 == list(codes.values())
    assert len(codes["txt"]) == 3 and all(len(code) == 10 for code in codes["txt"])


def test_hash_has_a_row_for_a_null_text(trained, tmp_path, capsys):
    path, out = tmp_path / "nulltext.jsonl", tmp_path / "c.parquet"
    write_lines(path, {"id": 1, "text": TEXTS[0]}, {"id": 2, "text": None})
    printed = run(capsys, "hash", trained.saved_model, path)
    assert printed.out.splitlines()[1:] == ["out_of_vocabulary"]
    run(capsys, "hash", trained.saved_model, path, "--out", out, "--keep-text")
    table = pq.read_table(out)
    assert table["id"].to_pylist() == [1, 2]
    assert table["text"].to_pylist() == [TEXTS[0], None]
    assert [code is None for code in table["code"].to_pylist()] == [False, True]


def test_integer_ids_keep_their_value_beside_a_null(trained, tmp_path, capsys):
    path, out = tmp_path / "nullid.parquet", tmp_path / "c.parquet"
    ids = [9007199254740993, None, 9007199254740995]
    pq.write_table(pa.table({"id": ids, "text": TEXTS}), path)
    printed = run(capsys, "hash", trained.saved_model, path, "--out", out)
    assert "wish-tf: 1 documents have no id\n" in printed.err
    [(found, codes)] = ParquetCodes(out).batches()
    assert found.tolist() == ids and codes.shape == (3, 10)


@pytest.mark.parametrize("kind", [int, str])
def test_repeated_ids_stay_in_hash_and_are_told(trained, kind, tmp_path, capsys):
    path, out = tmp_path / "docs.jsonl", tmp_path / "c.parquet"
    ids = [kind(7), None, kind(0), kind(7), kind((1 << 61) - 1), kind(0), kind(7)]
    write_lines(path, *({"id": id_, "text": TEXTS[0]} for id_ in ids))
    printed = run(capsys, "hash", trained.saved_model, path, "--out", out)
    assert pq.read_table(out)["id"].to_pylist() == ids
    assert printed.err.splitlines()[1:] == [
        "wish-tf: 1 documents have no id",
        "wish-tf: 3 documents have the id of an earlier one; the first is in row 4",
    ]


def test_index_and_hash_count_alike(trained, tmp_path, capsys):
    path = tmp_path / "cr.txt"
    path.write_bytes(b"an array\rof numbers\nsend a mail\n\nsend a mail\n")
    assert len(run(capsys, "hash", trained.saved_model, path).out.splitlines()) == 4
    report = run(
        capsys, "index", trained.saved_model, path, "--out", tmp_path / "i", "--json"
    )
    counts = {"documents": 4, "out_of_vocabulary": 1, "bit_weight": 0.05}
    counts["request_share"] = 1.0
    assert json.loads(report.out) == counts
    assert report.err == "wish-tf: ids: numbers from 1 (no --id-field)\n"


def test_index_takes_ids_and_texts(trained, files, tmp_path, capsys):
    from wish_tf.index.document_index import DocumentIndex

    run(capsys, "index", trained.saved_model, files["csv"], "--out", tmp_path / "i")
    index = DocumentIndex.load(tmp_path / "i")
    assert list(index.names) == ["d0", "d1", "d2"] and list(index.texts) == TEXTS
    assert sorted(path.name for path in tmp_path.glob("*")) == sorted(
        ["i", *(path.name for path in files.values())]
    )


def test_standard_input_is_answered_line_by_line(trained):
    command = [sys.executable, "-m", "wish_tf", "hash", str(trained.saved_model)]
    with subprocess.Popen(
        [*command, "-", "--input-format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        for text in TEXTS:
            process.stdin.write(json.dumps({"text": text}) + "\n")
            process.stdin.flush()
            # It would wait for ever, were the code kept back until the end.
            assert len(process.stdout.readline()) == 11
        process.stdin.close()
        assert process.stdout.read() == ""


def test_dedup_reads_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b\na B\nc\n")))
    assert json.loads(run(capsys, "dedup", "-").out)["ids"] == [1, 2]


def test_dedup_keeps_documents_without_a_text(tmp_path, capsys):
    path, kept = tmp_path / "a.jsonl", tmp_path / "kept.jsonl"
    records = [
        {"id": i, "text": text} for i, text in enumerate([None, "a b", None, "a b"])
    ]
    write_lines(path, *records)
    assert json.loads(run(capsys, "dedup", path, "--kept", kept).out)["ids"] == [1, 3]
    left = [json.loads(line)["id"] for line in kept.read_text().splitlines()]
    assert left == [0, 1, 2]


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_kept_has_the_format_of_the_input(files, tmp_path, capsys, suffix):
    source, kept = files[suffix.removesuffix(".gz")], tmp_path / f"kept.{suffix}"
    twice = tmp_path / f"twice.{source.suffix[1:]}"
    if suffix == "parquet":
        table = pq.read_table(source)
        more = table.set_column(0, "id", pa.array(["x", "y", "z"]))
        pq.write_table(pa.concat_tables([table, more]), twice)
    else:
        text = source.read_text()
        again = text.partition("\n")[2].replace("d", "x")
        twice.write_text(text + again.replace("xocs", "docs").replace("senx", "send"))
    run(capsys, "dedup", twice, "--kept", kept, "--threshold", "1")
    from wish_tf.corpora import Documents

    read = [
        [
            row
            for b in Documents(path).batches()
            for row in zip(b.ids, b.texts, strict=True)
        ]
        for path in (source, kept)
    ]
    assert read[0] == read[1]


def test_what_was_taken_as_ids_is_told(tmp_path, capsys):
    path = tmp_path / "docid.csv"
    path.write_text("doc_id,text\nA7,fit a model\nB9,fit a model\n")
    numbered, chosen = (
        run(capsys, "dedup", path),
        run(capsys, "dedup", path, "--id-field", "doc_id"),
    )
    assert json.loads(numbered.out)["ids"] == [1, 2]
    assert "wish-tf: ids: numbers from 1 (no --id-field)\n" in numbered.err
    assert json.loads(chosen.out)["ids"] == ["A7", "B9"]
    assert "wish-tf: ids: the field 'doc_id'\n" in chosen.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("duphead.csv", "text,id,text\na,1,\nb,2,\n", "two named 'text'"),
        (
            "dupid.csv",
            "id,text\n7,a\n7,a\n",
            "expected an id that is new; got '7' again in {}, line 3",
        ),
        ("idmix.jsonl", '{"id":null,"text":"a"}\n', "got null in {}, line 1"),
    ],
)
def test_what_would_be_silently_wrong_is_refused(
    trained, tmp_path, capsys, name, content, message
):
    path = tmp_path / name
    path.write_text(content)
    index = ("index", trained.saved_model, path, "--out", tmp_path / "i")
    for command in (("dedup", path), index):
        assert message.format(path) in error(capsys, *command)


def test_labels_do_not_stop_commands_that_need_none(trained, tmp_path, capsys):
    path = tmp_path / "flabel.jsonl"
    write_lines(path, {"text": TEXTS[0], "label": {}}, {"text": TEXTS[1]})
    run(capsys, "dedup", path)
    run(capsys, "index", trained.saved_model, path, "--out", tmp_path / "i")
    run(capsys, "hash", trained.saved_model, path)


def test_no_command_writes_onto_what_it_reads(trained, files, tmp_path, capsys):
    link = tmp_path / "link.jsonl"
    link.symlink_to(files["jsonl"])
    before = files["jsonl"].read_bytes()
    model = trained.saved_model
    for command in (
        ["hash", model, files["jsonl"], "--out"],
        ["index", model, files["jsonl"], "--out"],
        ["index", model, tmp_path, "--out"],
        ["dedup", files["jsonl"], "--out"],
        ["dedup", files["jsonl"], "--kept"],
    ):
        for out in (files["jsonl"], link, tmp_path / "." / "docs.jsonl"):
            assert error(capsys, *command, out).startswith("expected an output apart")
    assert files["jsonl"].read_bytes() == before


def test_any_encoding_of_the_terminal(tmp_path):
    path = tmp_path / "uni.jsonl"
    write_lines(path, *({"id": name, "text": "fit → ok"} for name in ("日本-1", "😀")))
    ran = subprocess.run(
        [sys.executable, "-m", "wish_tf", "dedup", str(path)],
        env={"PYTHONIOENCODING": "cp1252", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout)["ids"] == ["日本-1", "😀"]
