import json

import pytest

from wish_tf.cli import main


def test_an_export_with_documents_is_whole(trained, docs_file, tmp_path, capsys):
    from wish_tf.runs import RunFolder
    from wish_tf.saved_model import check_export

    target = tmp_path / "m"
    search = ["--search", str(docs_file), "--largest-k", "20"]
    assert main(["export", str(trained.run), str(target), *search, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": str(target / "1"),
        "version": 1,
    }
    card = json.loads((target / "1/assets.extra/model_card.json").read_text("utf-8"))
    found = card["search"]
    assert found["corpus"] == "docs" and found["bits"] == 10
    assert found["largest_k"] == 20
    assert found["documents"] + found["left_out_without_a_known_word"] == 1500
    checks = check_export(target, RunFolder(trained.run))
    assert [check.result for check in checks] == ["ok"] * len(checks)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--search", "none.jsonl"], "none.jsonl"),
        (["--search", "DOCS", "--text-field", "body"], "body"),
    ],
)
def test_documents_that_cannot_be_read_are_one_sentence(
    trained, docs_file, tmp_path, capsys, options, sentence
):
    options = [str(docs_file) if option == "DOCS" else option for option in options]
    assert main(["export", str(trained.run), str(tmp_path / "m"), *options]) == 1
    errors = capsys.readouterr().err
    assert sentence in errors and len(errors.splitlines()) == 1
    assert not (tmp_path / "m").exists()
