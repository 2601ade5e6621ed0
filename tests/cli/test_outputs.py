"""What becomes of outputs when something is in the way, in all commands that write."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wish_tf.cli import main

PARQUET = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def place(trained, tmp_path, monkeypatch) -> Path:
    """A folder with what commands read, in it the folder `out`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained.run, "run")
    shutil.copytree(trained.saved_model, "model")
    texts = [{"id": str(i), "text": f"an array of {i} numbers"} for i in range(40)]
    Path("docs.jsonl").write_text("\n".join(map(json.dumps, texts)))
    Path("docs.txt").write_text("\n".join(text["text"] for text in texts))
    # The run's corpus is not here; the report reads it.
    config = json.loads(Path("run/config.json").read_text())
    assert Path(config["corpus"]).is_absolute()
    Path("out").mkdir()
    for name in ("codes.parquet", "index", "groups", "report.html"):
        Path("out", name).write_text("former")
    return tmp_path


COMMANDS = {
    "hash": ["hash", "model", "docs.txt", "--out", "out/codes.parquet"],
    "index": ["index", "model", "docs.jsonl", "--out", "out/index"],
    "dedup": ["dedup", "docs.jsonl", "--threshold", "0.5", "--out", "out/groups"],
    "export": ["export", "run", "out/exports"],
    "report": ["report", "run", "--out", "out/report.html"],
}


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found}


def one_sentence(capsys) -> str:
    captured = capsys.readouterr()
    last = captured.err.strip().splitlines()[-1]
    assert last.startswith("wish-tf: error: ")
    assert "Traceback" not in captured.err and captured.out == ""
    return last


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "run", "--out", "run/model.keras"],
        ["report", "run", "--out", "./out/../run/config.json"],
        ["export", "run", "run"],
        ["train", "run/docs.jsonl", "--out", "run", "--force"],
        ["train", "docs.jsonl", "--out", "."],
    ],
)
def test_inputs_are_not_written(place, capsys, arguments):
    shutil.copy("docs.jsonl", "run/docs.jsonl")
    before = files(place)
    assert main(arguments) == 1
    assert "expected an output apart from what is read" in one_sentence(capsys)
    assert files(place) == before


def test_a_report_may_lie_beside_its_run(place):
    assert main(["report", "run", "--out", "run/report.html"]) == 0
    assert Path("run/report.html").stat().st_size > 1000


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_leaves_the_former_file(place, capsys, command):
    before = files(place)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        status = main(COMMANDS[command])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert status == 1
    one_sentence(capsys)
    assert files(place) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_cannot_be_written_is_one_sentence(place, capsys, command):
    before = files(place)
    arguments = [part.replace("out/", "/sys/") for part in COMMANDS[command]]
    assert main(arguments) == 1
    assert "/sys" in one_sentence(capsys)
    assert files(place) == before


# Each command dies at the moment when its file is written and not yet in its place.
KILLED = """
import json, os, signal, sys
import wish_tf.saved_model, wish_tf.text_hasher  # Once, and not by each child.
from wish_tf.cli import main
os.fsync = os.rename = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
children = []
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os._exit(main(arguments))
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] != signal.SIGKILL for child in children))
"""


def test_a_killed_command_leaves_the_former_file(place):
    before = files(place)
    commands = json.dumps(list(COMMANDS.values()))
    ran = subprocess.run([sys.executable, "-c", KILLED, commands], check=False)
    assert ran.returncode == 0
    left = files(place)
    assert {name: left[name] for name in before} == before
    assert all("/.wish_tf." in name for name in left.keys() - before.keys())
    # All but the export lie in one folder, which the next good writer clears.
    assert main(COMMANDS["report"]) == 0
    assert len(list(Path("out").glob(".wish_tf.*"))) == 0
    assert main(COMMANDS["export"]) == 0
    assert [path.name for path in Path("out/exports").iterdir()] == ["1"]


@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        ("texts", ["hash", "model", "SOURCE", "--out", "texts/codes.parquet"]),
        ("texts", ["index", "model", "SOURCE", "--out", "texts/new.index"]),
        ("texts", ["dedup", "SOURCE", "--out", "texts/groups.jsonl"]),
        ("*.jsonl", ["dedup", "SOURCE", "--out", "groups.jsonl"]),
    ],
)
def test_an_output_does_not_become_an_input(place, source, arguments, capsys):
    Path("texts").mkdir()
    shutil.copy("docs.jsonl", "texts")
    before = files(place)
    assert main([source if each == "SOURCE" else each for each in arguments]) == 1
    assert "expected an output apart from what is read; got" in one_sentence(capsys)
    assert files(place) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hash", "model", "docs.txt", "--out", "out/c.csv"], "to end in .parquet"),
        (["export", "run", "out/m", "--largest-k", "7"], "--search with --largest-k"),
        (["index", "run", "docs.txt", "--out", "out/i"], "which wish-tf export makes"),
        (
            ["index", "http://h/v1/models/m", "docs.txt", "--out", "i"],
            "got the URL http",
        ),
    ],
)
def test_what_would_do_something_else_is_refused(place, arguments, sentence, capsys):
    assert main(arguments) == 1
    assert sentence in one_sentence(capsys)
