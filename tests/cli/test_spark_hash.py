import json
import shutil
import sys

import pytest

from tests.cli.test_commands import output
from wish_tf.cli import main
from wish_tf.codes import codes_to_int
from wish_tf.export import SavedHasher

pytest.importorskip("pyspark", reason="needs pyspark: pip install '.[spark]'")
pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

TEXTS = ["an array of numbers", None, "send a mail message", "qqqzzz"]


@pytest.fixture
def documents(tmp_path, monkeypatch):
    import pyarrow as pa

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    path = tmp_path / "docs.parquet"
    pq.write_table(pa.table({"id": range(4), "body": TEXTS}), path)
    return path


def test_a_file_is_hashed(trained, documents, tmp_path, capsys):
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
    assert (target / f"code_prefix={first >> 4}").is_dir()
    wrong = [*options, "--text-field", "text"]
    again = [str(part) for part in [*command[:3], tmp_path / "other", *wrong]]
    assert main(again) == 1
    assert "expected a column 'text'; got ['id', 'body']" in capsys.readouterr().err
    # Nothing half-written.
    assert {path.name for path in tmp_path.iterdir()} == {"codes", "docs.parquet"}


def test_paths_that_cannot_be_used(trained, documents, tmp_path, capsys):
    model, taken, missing = (
        str(trained.saved_model),
        str(documents),
        str(tmp_path / "no"),
    )
    assert main(["spark-hash", model, missing, str(tmp_path / "codes")]) == 1
    assert f"expected Parquet in '{missing}'; got no such" in capsys.readouterr().err
    assert main(["spark-hash", model, taken, taken]) == 1
    assert "expected a new folder to write" in capsys.readouterr().err


def test_java_is_asked_for(trained, documents, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert main(["spark-hash", "model", str(documents), str(tmp_path / "codes")]) == 1
    assert "expected Java 17 or later for Spark" in capsys.readouterr().err
