import json

from wish_tf import Recipe
from wish_tf.cli import main


def test_suggests_one_of_the_lengths_it_measured(docs_file, capsys, monkeypatch):
    quick = Recipe(epochs=2, hidden_units=(32,), topic_dim=16)
    monkeypatch.setattr("wish_tf.text_hasher.default", lambda bits: quick)
    arguments = ["suggest-bits", str(docs_file), "--limit", "600", "--bits", "2", "3"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["documents"] == 600 and found["measure"] == "labels"
    assert [point["bits"] for point in found["curve"]] == [2, 3]
    assert found["suggested"] in (2, 3)


def test_too_few_documents_is_one_sentence(docs_file, capsys):
    assert main(["suggest-bits", str(docs_file), "--limit", "100"]) == 1
    assert capsys.readouterr().err == (
        "wish-tf: error: expected at least 500 documents to measure on; got 100\n"
    )
