import json

import pytest

from tests.report.page_reader import PageReader
from wish_tf.cli import main
from wish_tf.files import write_json


def test_a_page_about_a_run(trained, tmp_path, capsys):
    path = tmp_path / "report.html"
    capsys.readouterr()
    assert main(["report", str(trained.run), "--out", str(path)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{path}\n"
    assert said.err.splitlines()[-1].startswith("report: done, ")
    read = PageReader(path.read_text("utf-8"))
    assert read.wrong == []
    metrics = json.loads((trained.run / "metrics.json").read_text())["test"]
    assert f"{metrics['distinct_codes']} of 1,024 possible" in read.text
    assert f"{metrics['precision_at_100']:.3f} ±" in read.text
    assert {f"bit-{bit}" for bit in range(8)} <= set(read.ids)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (None, "expected a run in run; got no config.json"),
        ({"architectures": []}, "expected state in run/config.json; got none"),
        ({"state": "finished"}, "expected corpus in config.json; got none"),
        (
            {"state": "interrupted"},
            "expected a finished run in run; got one that is int",
        ),
        ("corpus", "expected a file, or a built-in corpus"),
    ],
)
def test_what_is_no_finished_run_gets_one_sentence(
    trained, config, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    if config == "corpus":
        (tmp_path / "run").mkdir()
        for file in trained.run.iterdir():
            if file.name != "config.json":
                (tmp_path / "run" / file.name).symlink_to(file)
        made = json.loads((trained.run / "config.json").read_text())
        config = {**made, "corpus": "gone.jsonl"}
    if config is not None:
        write_json(tmp_path / "run" / "config.json", config)
    capsys.readouterr()
    assert main(["report", "run", "--out", "new/report.html"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert said.err.startswith(f"wish-tf: error: {sentence}")
    assert not (tmp_path / "new").exists()
