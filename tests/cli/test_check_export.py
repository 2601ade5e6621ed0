import json
import shutil

import pytest

from wish_tf.cli import main
from wish_tf.text_hasher import TextHasher


def check(capsys, *arguments) -> tuple[int, list[str], str]:
    capsys.readouterr()
    status = main(["check-export", *(str(argument) for argument in arguments)])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err


def test_it_has_help(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["check-export", "--help"])
    assert exit_.value.code == 0
    assert "wish-tf check-export" in capsys.readouterr().out


def test_an_export_passes_and_gives_its_runs_codes(trained, capsys):
    status, lines, errors = check(capsys, trained.saved_model, "--run", trained.run)
    assert (status, errors) == (0, "")
    assert [line.split(":")[0] for line in lines] == [
        "files",
        "load",
        "warm-up",
        "codes",
    ]
    assert all(line.split(": ")[1] == "ok" for line in lines)
    assert lines[-1] == "codes: ok: the same for 1000 texts"


def test_without_a_run_the_comparison_is_said_to_be_left_out(trained, capsys):
    status, lines, _ = check(capsys, trained.saved_model / "1")
    assert status == 0
    assert lines[-1] == "codes: left out: no run was given"


def test_the_result_as_json(trained, capsys):
    status, lines, _ = check(capsys, trained.saved_model, "--json")
    result = json.loads(lines[0])
    assert (status, result["ok"]) == (0, True)
    assert result["path"] == str(trained.saved_model / "1")
    assert result["checks"][1] == {"name": "load", "result": "ok", "why": ""}


def test_codes_of_another_model_fail(trained, tmp_path, capsys):
    other = shutil.copytree(trained.run, tmp_path / "run")
    hasher = TextHasher.load(other / "model.keras")
    for book in hasher.model_.coder.books:
        book.centres.assign(-book.centres)
    hasher.save(other / "model.keras")
    status, lines, errors = check(capsys, trained.saved_model, "--run", other)
    assert status == 1
    assert lines[-1].startswith("codes: failed: expected the codes of the")
    assert lines[-1].endswith("of 1000 texts")
    assert [line for line in lines if ": failed" in line] == lines[-1:]
    assert errors.endswith("to pass every check; got failures in codes\n")


def test_a_damaged_export_fails(trained, tmp_path, capsys):
    version = shutil.copytree(trained.saved_model / "1", tmp_path / "m" / "1")
    data = version / "variables" / "variables.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1000])
    status, lines, errors = check(capsys, tmp_path / "m", "--run", trained.run)
    assert status == 1
    assert lines[0].startswith("files: failed: expected variables/variables.data")
    assert lines[1].startswith("load: failed: expected a SavedModel in ")
    assert lines[2] == "warm-up: left out: the version cannot be loaded"
    assert len(errors.splitlines()) == 1
    status, lines, _ = check(capsys, tmp_path / "m", "--json")
    assert status == 1 and json.loads(lines[0])["ok"] is False


@pytest.mark.parametrize(
    ("path", "run", "sentence"),
    [
        ("none", None, "got no such folder"),
        (".", None, "got neither"),
        (None, "none", "expected a run in none; got no config.json"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    trained, path, run, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    arguments = [path or trained.saved_model, *(["--run", run] if run else [])]
    status, lines, errors = check(capsys, *arguments)
    assert (status, lines) == (1, [])
    assert sentence in errors and len(errors.splitlines()) == 1


def test_the_card_of_a_run_tells_its_facts(trained):
    metrics = json.loads((trained.run / "metrics.json").read_text())
    extra = trained.saved_model / "1" / "assets.extra"
    card = json.loads((extra / "model_card.json").read_text())
    assert None not in card.values()
    # The default recipe has no epochs.
    assert card["epoch"] == {"number": None, "chosen_by": None}
    assert card["corpus"]["name"] == "docs.jsonl"
    assert card["corpus"]["documents"] == 1500
    for part in ("validation", "test"):
        measured = metrics[part]["precision_at_100"]
        assert card["precision_at_100"][part] == measured
    assert card["recipe"]["settings"]["strategy"]["space"]["decoders"] == 1
    assert card["trained_with"] == card["exported_with"]
    topics = TextHasher.load(trained.run / "model.keras").topics()
    assert card["topics"] == [topic.to_json() for topic in topics]
    text = (extra / "model_card.md").read_text("utf-8").lower()
    assert "not known" not in text and "| epoch | none: this recipe" in text


def test_training_texts_do_not_leak_into_the_warm_up_requests(trained, docs_file):
    from wish_tf.saved_model.warmup import read_warmup
    from wish_tf.server.warm_up import WARM_UP_FILE

    texts = [json.loads(line)["text"] for line in docs_file.open(encoding="utf-8")]
    requests = read_warmup(trained.saved_model / "1" / WARM_UP_FILE)
    sent = {
        text.decode()
        for request in requests
        for tensor in request.inputs.values()
        for text in tensor.string_val
    }
    assert sent and not sent & set(texts)
