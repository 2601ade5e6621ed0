from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.client.played_server import PlayedServer
from tests.client.toy_model import BITS, toy_bits
from wish_tf.cli import main
from wish_tf.codes import code_strings
from wish_tf.integrations import ParquetCodes

TEXTS = ["an array of numbers", "qqqzzz", "send a mail message", "a plot é"]


def bits_printed(capsys, model: Path, texts: Path) -> list[str]:
    capsys.readouterr()
    assert main(["hash", str(model), str(texts)]) == 0
    return capsys.readouterr().out.splitlines()


def test_lines_of_text(trained, tmp_path, capsys):
    texts, out = tmp_path / "texts.txt", tmp_path / "codes.parquet"
    texts.write_text("\n".join(TEXTS), "utf-8")
    command = ["hash", str(trained.saved_model), str(texts), "--out", str(out)]
    assert main(command) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{out}: 4 documents\n"
    assert printed.err == (
        "wish-tf: ids: numbers from 1 (no --id-field)\n"
        "wish-tf: 1 texts hold no known word\n"
    )
    assert pq.read_schema(out).names == ["id", "code", "code_bytes"]
    stored = ParquetCodes(out)
    assert (stored.bits, stored.documents) == (10, 4)
    assert stored.model["name"] == "small/1"
    assert len(stored.model["weights_sha256"]) == 64
    assert len(stored.model["vocabulary_sha256"]) == 64
    [(ids, codes)] = stored.batches()
    assert ids.tolist() == [1, 3, 4]
    expected = bits_printed(capsys, trained.saved_model, texts)
    assert expected.pop(1) == "out_of_vocabulary"
    assert code_strings(codes) == expected


def test_columns_of_a_parquet_file(trained, tmp_path, capsys):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    texts = [*TEXTS, None]
    names = [f"doc{i}" for i in range(5)]
    pq.write_table(pa.table({"key": names, "body": texts, "n": range(5)}), source)
    fields = ["--id-field", "key", "--text-field", "body"]
    kept = ["--keep-text", "--probabilities", "--out", str(out)]
    command = ["hash", str(trained.saved_model), str(source), *fields, *kept]
    assert main(command) == 0
    assert capsys.readouterr().err == (
        "wish-tf: ids: the field 'key'\nwish-tf: 2 texts hold no known word\n"
    )
    table = pq.read_table(out)
    assert table["id"].to_pylist() == names
    assert table["text"].to_pylist() == texts
    probabilities = table["probabilities"].to_pylist()
    assert [row is None for row in probabilities] == [False, True, False, False, True]
    codes = np.array([row for row in probabilities if row]) > 0.5
    [(ids, stored)] = ParquetCodes(out).batches()
    assert ids.tolist() == ["doc0", "doc2", "doc3"]
    np.testing.assert_array_equal(stored, codes)


def test_rows_without_an_id_are_numbered(trained, tmp_path):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"text": TEXTS * 500}), source)
    assert main(["hash", str(trained.saved_model), str(source), "--out", str(out)]) == 0
    assert pq.read_table(out)["id"].to_pylist() == list(range(1, 2001))


def test_codes_of_a_server(tmp_path, capsys):
    texts, out = tmp_path / "texts.txt", tmp_path / "codes.parquet"
    texts.write_text("\n".join(TEXTS), "utf-8")
    played = PlayedServer()
    assert main(["hash", played.url, str(texts), "--out", str(out)]) == 0
    played.close()
    stored = ParquetCodes(out)
    assert (stored.bits, stored.model) == (BITS, {"url": played.url})
    [(_, codes)] = stored.batches()
    assert codes.tolist() == [toy_bits(text) for text in TEXTS]


def error_of(capsys, *command) -> str:
    assert main(["hash", *map(str, command)]) == 1
    return capsys.readouterr().err.strip().removeprefix("wish-tf: error: ")


def test_what_does_not_fit_is_refused(trained, tmp_path, capsys):
    model, out = trained.saved_model, tmp_path / "out.parquet"
    source, empty = tmp_path / "in.parquet", tmp_path / "empty.txt"
    pq.write_table(pa.table({"text": [1], "key": [0.5]}), source)
    empty.write_text("")
    cases = [
        ([empty, "--keep-text"], "expected --out with --keep-text, --probabil"),
        ([empty, "--out", out, "--id-field", "a"], "expected files with fields, "),
        ([empty, "--out", out], "expected at least one document; got none in"),
        (
            [source, "--out", out],
            f"expected a string as the text; got int in {source}, row 1",
        ),
        (
            [source, "--text-field", "b"],
            f"expected a field 'b'; got 'text', 'key' in {source}",
        ),
        ([tmp_path / "no.parquet", "--out", out], "expected a file, a folder"),
        ([empty, "--out", empty], "expected an output apart from what is read"),
        (
            [empty, "--out", model / "1" / "saved_model.pb"],
            "expected an output apart from what is read",
        ),
    ]
    for options, message in cases:
        assert error_of(capsys, model, *options).startswith(message)
    source.write_bytes(b"no Parquet")
    message = error_of(capsys, model, source, "--out", out)
    assert message.startswith("expected a Parquet file; got another file, or a damaged")
    assert not out.exists()
