from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from wish_tf.cli import main
from wish_tf.corpora import Corpus
from wish_tf.corpora.load import BUILT_IN

TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "an index of short codes in memory",
    "The quick brown fox jumps over the lazy dog!",
    "?!",
    "the quick brown fox jumped over the lazy dog",
    "qqqzzz xxxyyy",
    "QQQZZZ xxxyyy",
    "?!",
]
GROUPS = [[1, 3, 5], [4, 8], [6, 7]]
# Hashes nothing and says whether TensorFlow was started.
LIGHT = """
import sys
from wish_tf.cli import main
from wish_tf.corpora import Corpus
from wish_tf.corpora.load import BUILT_IN
status = main(["dedup", sys.argv[1]])
print(status, "tensorflow" in sys.modules, "keras" in sys.modules)
"""
# Stops in the middle of the work, as Ctrl-C does.
INTERRUPTED = """
import os, signal, sys
from wish_tf.cli import main
from wish_tf.corpora import Corpus
from wish_tf.corpora.load import BUILT_IN
from wish_tf.dedup import prefix_join
def stop(*_):
    os.kill(os.getpid(), signal.SIGINT)
prefix_join._frequency = stop
sys.exit(main(["dedup", *sys.argv[1:]]))
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("".join(f"{text}\n" for text in TEXTS), "utf-8")
    return path


def dedup(capsys, *arguments) -> tuple[str, str]:
    capsys.readouterr()
    assert main(["dedup", *map(str, arguments)]) == 0
    return capsys.readouterr()


def ids(lines: str) -> list[list[str]]:
    return [json.loads(line)["ids"] for line in lines.splitlines()]


def test_groups_to_standard_output(file, capsys):
    out, err = dedup(capsys, file)
    assert ids(out) == GROUPS
    similarities = json.loads(out.splitlines()[0])["similarities"]
    assert similarities == [1, 0.7391, 0.6522]
    assert "no --model: every pair is considered" in err
    assert (
        "8 documents: 3 groups, 4 duplicates, of them 2 equal to an earlier "
        "one but for case and space" in err
    )
    assert "15 pairs of different documents; 3 shared a rare shingle" in err
    assert "codes spared" not in err


def test_files_appear_whole(file, capsys, tmp_path):
    out, kept = tmp_path / "new" / "groups.jsonl", tmp_path / "kept.txt"
    printed, _ = dedup(capsys, file, "--out", out, "--kept", kept, "--json")
    report = json.loads(printed)
    assert (report["documents"], report["duplicates"], report["pairs"]) == (8, 4, 15)
    assert report["pairs_within_radius"] == 15
    assert ids(out.read_text()) == GROUPS
    assert kept.read_text().splitlines() == [TEXTS[i] for i in (0, 1, 3, 5)]
    assert {path.name for path in tmp_path.iterdir()} == {
        "new",
        "kept.txt",
        "texts.txt",
    }


def test_fields_and_ids(capsys, tmp_path):
    path = tmp_path / "docs.jsonl"
    documents = [{"id": f"d{i}", "body": text} for i, text in enumerate(TEXTS)]
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    out, _ = dedup(capsys, path, "--text-field", "body", "--kept", tmp_path / "k.jsonl")
    assert ids(out) == [[f"d{i - 1}" for i in group] for group in GROUPS]
    kept = (tmp_path / "k.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in kept] == [documents[i] for i in (0, 1, 3, 5)]


def test_a_model_spares_pairs(trained, docs_file, capsys, tmp_path):
    reports = {}
    for radius in (None, "0", "10"):
        model = ["--model", trained.saved_model, "--radius", radius] if radius else []
        out = tmp_path / f"{radius}.jsonl"
        printed, err = dedup(capsys, docs_file, *model, "--out", out, "--json")
        reports[radius] = json.loads(printed)
        assert ("1,500 of 1,500 documents hashed" in err) == bool(model)
    assert ids((tmp_path / "10.jsonl").read_text()) == ids(
        (tmp_path / "None.jsonl").read_text()
    )
    near, every = reports["0"], reports["10"]
    assert every["pairs_within_radius"] == every["pairs"]
    assert near["pairs_within_radius"] < near["pairs"] / 2
    assert 0 < near["duplicates"] <= every["duplicates"]
    assert near["pairs_checked"] < every["pairs_checked"]


def test_texts_that_the_model_does_not_know_are_found(trained, file, capsys):
    out, err = dedup(capsys, file, "--model", trained.saved_model, "--radius", 10)
    assert ids(out) == GROUPS
    assert "the codes spared 0.0% and left 15" in err
    out, _ = dedup(capsys, file, "--model", trained.saved_model, "--radius", 0)
    assert GROUPS[1] in ids(out) and GROUPS[2] in ids(out)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_documents_without_a_text_are_nobodys_duplicates(form, capsys, tmp_path):
    path, kept = tmp_path / f"docs.{form}", tmp_path / f"kept.{form}"
    texts = ["oven bread", "", "", "  ", "python loop"]
    if form == "csv":
        path.write_text(
            "text,id\n" + "".join(f"{t},{i}\n" for i, t in enumerate(texts))
        )
    else:
        path.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    found, _ = dedup(capsys, path, "--kept", kept)
    assert found == "" and kept.read_bytes() == path.read_bytes()


def test_one_document_has_no_duplicate(capsys, tmp_path):
    (tmp_path / "one.txt").write_text("one text\n")
    out, err = dedup(capsys, tmp_path / "one.txt")
    assert out == "" and "1 documents: 0 groups, 0 duplicates" in err


def test_tensorflow_is_not_started_without_a_model(file):
    ran = subprocess.run(
        [sys.executable, "-c", LIGHT, file], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "0 False False"


def test_an_interrupt_leaves_the_old_file(file, tmp_path):
    old = tmp_path / "groups.jsonl"
    kept = tmp_path / "kept.txt"
    old.write_text("old\n")
    kept.write_text("kept\n")
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, file, "--out", old, "--kept", kept],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "wish-tf: error: interrupted"
    assert old.read_text() == "old\n"
    assert kept.read_text() == "kept\n"
    assert sorted(os.listdir(tmp_path)) == ["groups.jsonl", "kept.txt", "texts.txt"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.txt"], "got 'nowhere.txt', w"),
        (["empty.txt"], "expected at least one document"),
        (["latin.txt"], "expected UTF-8; got the byte"),
        (["texts.txt", "--threshold", "2"], "above 0 and at most 1; got 2.0"),
        (["texts.txt", "--radius", "1"], "expected --radius with --model"),
        (["texts.txt", "--model", "nothing"], "expected a SavedModel"),
        (["texts.txt", "--json"], "expected --json with --out FILE"),
        (["texts.txt", "--out", "."], "got '.', which is a folder"),
        (["texts.txt", "--out", "o", "--kept", "./o"], "expected different outputs"),
        (["texts.txt", "--kept", "texts.txt"], "expected an output apart"),
        (["texts.txt", "--out", "./texts.txt"], "expected an output apart"),
        (["texts.txt", "--kept", "k.csv"], "the same format, txt, as the input"),
        (["texts.txt", "--kept", "o", "--limit", "2"], "got both"),
        (["python-docs", "--kept", "o"], "expected one file for --kept"),
        (["texts.txt", "--text-field", "body"], "expected files with fields"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments, sentence, file, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    tiny = Corpus("python-docs", ["a text"], None, ["a"])
    monkeypatch.setitem(BUILT_IN, "python-docs", lambda folder: tiny)
    before = set(os.listdir(tmp_path))
    assert main(["dedup", *arguments]) == 1
    out, err = capsys.readouterr()
    errors = [line for line in err.splitlines() if "no --model" not in line]
    assert out == "" and len(errors) == 1
    assert errors[0].startswith("wish-tf: error: ") and sentence in errors[0]
    assert set(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--radius=-1", "expected a whole number of at least 0; got '-1'"),
        ("--threshold=half", "expected a number above 0; got 'half'"),
        ("--limit=0", "expected a whole number of at least 1; got '0'"),
    ],
)
def test_numbers_out_of_range_are_told_at_once(option, sentence, file, capsys):
    with pytest.raises(SystemExit):
        main(["dedup", str(file), option])
    assert sentence in capsys.readouterr().err
