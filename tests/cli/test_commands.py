import csv
import json

import pytest

from wish_tf.cli import main


def output(capsys, *arguments) -> str:
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_train_leaves_a_finished_run(trained):
    names = {path.name for path in trained.run.iterdir()}
    assert names == {
        "config.json",
        "model.keras",
        "history.csv",
        "metrics.json",
        "logs",
    }
    config = json.loads((trained.run / "config.json").read_text())
    assert (config["state"], config["bits"], config["epochs"]) == ("finished", 6, 3)
    with open(trained.run / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    assert [row["epoch"] for row in history] == ["0", "1", "2"]
    assert {"loss", "val_objective", "bit_entropy", "val_distinct_codes"} <= set(
        history[0]
    )
    assert list((trained.run / "logs").rglob("events.out.tfevents.*"))


def test_train_on_two_parts_of_the_cpu(docs_file, tmp_path, capsys):
    settings = ["--limit", 300, "--bits", 4, "--epochs", 2, "--out", tmp_path / "run"]
    text = output(capsys, "train", docs_file, *settings, "--devices", "cpu:2")
    assert " of 2, the best by the objective on the validation texts" in text
    assert "Prec@100 on test: 0." in text
    assert main(["train", str(docs_file), "--out", "x", "--devices", "cpu:0"]) == 1
    assert "expected devices to be all, a number" in capsys.readouterr().err


def test_evaluate_gives_what_train_measured(trained, capsys):
    result = json.loads(output(capsys, "evaluate", trained.run, "--json"))
    assert result == json.loads((trained.run / "metrics.json").read_text())["test"]
    assert result["dead_bits"] == 0 and len(result["bit_entropy"]) == 6
    assert result["documents"] == {"database": 1200, "queries": 150}
    # 22 classes, the largest 9 % of the documents: chance is about .06.
    assert result["precision_at_100"] > 0.25
    text = output(capsys, "evaluate", trained.run)
    assert f"Prec@100 on test: {result['precision_at_100']:.4f}" in text


def test_topics(trained, capsys):
    lines = output(capsys, "topics", trained.run, "--words", 3).splitlines()
    assert [line.split()[:2] for line in lines] == [["bit", str(i)] for i in range(6)]
    assert all(len(line.split()) == 5 for line in lines)
    topics = json.loads(output(capsys, "topics", trained.run, "--words", 3, "--json"))
    assert [topic["words"] for topic in topics] == [line.split()[2:] for line in lines]


def test_export_counts_versions(trained, capsys, tmp_path):
    target = tmp_path / "saved_models" / "m"
    assert output(capsys, "export", trained.run, target).strip() == str(target / "1")
    assert json.loads(output(capsys, "export", trained.run, target, "--json")) == {
        "path": str(target / "2"),
        "version": 2,
    }


def test_hash_formats_agree(trained, capsys, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("an array of numbers\nqqqzzz\nsend a mail message\n", "utf-8")
    forms = {
        form: output(
            capsys, "hash", trained.saved_model, texts, "--format", form
        ).splitlines()
        for form in ("bits", "hex", "int", "jsonl")
    }
    records = [json.loads(line) for line in forms["jsonl"]]
    assert [r["out_of_vocabulary"] for r in records] == [False, True, False]
    for form in ("bits", "hex", "int"):
        assert forms[form][1] == "out_of_vocabulary"
    for i in (0, 2):
        bits = forms["bits"][i]
        assert len(bits) == 6 and set(bits) <= {"0", "1"}
        assert int(forms["int"][i]) == int(bits, 2)
        assert int(forms["hex"][i], 16) == int(bits + "00", 2)
        assert records[i]["bits"] == bits
        assert [p > 0.5 for p in records[i]["probabilities"]] == [
            b == "1" for b in bits
        ]


def test_search_finds_a_document_by_its_own_text(trained, capsys):
    from wish_tf.index.document_index import DocumentIndex

    documents = DocumentIndex.load(trained.index)
    name, text = documents.names[0], documents.texts[0]
    found = json.loads(
        output(
            capsys, "search", trained.index, text, "-k", 1500, "--radius", 0, "--json"
        )
    )
    assert {hit["distance"] for hit in found["results"]} == {0}
    assert name in [hit["id"] for hit in found["results"]]
    lines = output(capsys, "search", trained.index, text, "-k", 4).splitlines()
    assert lines[0].startswith(found["bits"]) and len(lines) >= 5


def test_resume_goes_on_with_a_killed_run(docs_file, tmp_path):
    # A killed run is one whose state was never changed from "running".
    run = tmp_path / "run"
    settings = [str(docs_file), "--limit", "300", "--bits", "4", "--out", str(run)]
    from wish_tf.runs import RunFolder

    assert main(["train", *settings, "--epochs", "1"]) == 0
    RunFolder(run).set_state("running")
    assert main(["train", *settings, "--epochs", "1", "--resume"]) == 0
    assert RunFolder(run).config()["state"] == "finished"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "nowhere.txt", "--out", "r"], "there is no file 'nowhere.txt'"),
        (
            ["train", "python-docs", "--bits", "65", "--out", "r"],
            "expected bits from 1 to 64; got 65",
        ),
        (["train", "python-docs", "--epochs", "0", "--out", "r"], "expected epochs of"),
        (["train", "empty.txt", "--out", "r"], "expected at least one document"),
        (["train", "one.txt", "--out", "r"], "but 'one' has 1"),
        (["train", "latin.txt", "--out", "r"], "UTF-8"),
        (["train", "table.csv", "--out", "r"], "'text'"),
        (["train", "rare.txt", "--out", "r"], "no word is left"),
        (["evaluate", "nothing"], "expected a run in nothing"),
        (["export", "nothing", "m"], "expected a run in nothing"),
        (["hash", "nothing", "one.txt"], "expected a SavedModel"),
        (["hash", "nothing", "missing.txt"], "expected a text file"),
        (["index", "nothing", "one.txt", "--out", "i"], "expected a SavedModel"),
        (["search", "one.txt", "query"], "must be a wish_tf DocumentIndex file"),
        (["serve", "nothing"], "nothing"),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_nothing(
    arguments, sentence, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "one.txt").write_text("a single document\n")
    (tmp_path / "latin.txt").write_bytes("caf\xe9\n".encode("latin-1") * 20)
    (tmp_path / "table.csv").write_text("title,body\na,b\n")
    (tmp_path / "rare.txt").write_text("".join(f"word{i}\n" for i in range(50)))
    before = sorted(tmp_path.rglob("*"))
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("wish-tf: error: ")
    assert sentence in lines[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_query_without_known_words_is_said_so(trained, capsys):
    assert main(["search", str(trained.index), "qqqzzz"]) == 1
    assert "with a word the model knows; got 'qqqzzz'" in capsys.readouterr().err


def test_a_full_disk_is_one_sentence(trained, docs_file, capsys, tmp_path, monkeypatch):
    import errno

    from wish_tf.index import document_index

    def full(path, *rest):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(document_index, "write_index_file", full)
    arguments = ["index", str(trained.saved_model), str(docs_file), "--limit", "50"]
    assert main([*arguments, "--out", str(tmp_path / "x")]) == 1
    assert capsys.readouterr().err == (
        f"wish-tf: error: No space left on device ({tmp_path / 'x'})\n"
    )
