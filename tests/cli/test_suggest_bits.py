import json

from tests.training.small_recipes import quick
from wish_tf.cli import main


def test_suggests_one_of_the_lengths_it_measured(docs_file, capsys, monkeypatch):
    monkeypatch.setattr("wish_tf.text_hasher.DEFAULT", quick((32,)))
    arguments = ["suggest-bits", str(docs_file), "--limit", "600", "--bits", "2", "3"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["documents"] == 600 and found["measure"] == "precision_at_100"
    assert [point["bits"] for point in found["curve"]] == [2, 3]
    assert found["suggested"] in (2, 3)


def test_by_another_measure(docs_file, capsys, monkeypatch):
    monkeypatch.setattr("wish_tf.text_hasher.DEFAULT", quick((32,)))
    arguments = ["suggest-bits", str(docs_file), "--limit", "600", "--bits", "2", "3"]
    assert main([*arguments, "--measure", "code_entropy"]) == 0
    first, _, *rows, last = capsys.readouterr().out.splitlines()
    assert first == "entropy of the codes, bits, 600 documents"
    # The higher entropy is that of more bits, and it has no error.
    assert [row.split()[0] for row in rows] == ["2", "3"]
    assert all(row.split()[2] == "0.000" for row in rows)
    assert last.startswith("suggested: 3 bits")


def test_a_measure_that_is_none_is_one_sentence(docs_file, capsys):
    arguments = ["suggest-bits", str(docs_file), "--limit", "600"]
    assert main([*arguments, "--measure", "mean_bucket"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("wish-tf: error: expected a measure of prec")
    assert err.endswith("; got mean_bucket\n") and err.count("\n") == 1


def test_too_few_documents_is_one_sentence(docs_file, capsys):
    assert main(["suggest-bits", str(docs_file), "--limit", "100"]) == 1
    assert capsys.readouterr().err == (
        "wish-tf: error: expected at least 500 documents to measure on; got 100\n"
    )
