"""wish-tf index and search beyond what test_commands.py asks of every command."""

import json
import shutil

import pytest

from tests.cli.conftest import QUICK
from wish_tf.cli import main
from wish_tf.index.document_index import DocumentIndex
from wish_tf.index.string_table import StringTable
from wish_tf.saved_model import SavedHasher


def test_words_rank_beside_the_code(trained, capsys):
    documents = DocumentIndex.load(trained.index)
    text = documents.texts[0]
    arguments = ["search", str(trained.index), text, "-k", "5"]
    assert main([*arguments, "--json"]) == 0
    hits = json.loads(capsys.readouterr().out)["results"]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True) and len(hits) == 5
    assert hits[0] == {
        "id": documents.names[0],
        "distance": 0,
        "text": text,
        "score": 1.0,
    }
    assert main(arguments) == 0
    line = capsys.readouterr().out.splitlines()[-5].split()
    assert line[:2] == ["0", "1.000"]
    assert main([*arguments, "--bit-weight", "9", "--json"]) == 0
    heavy = json.loads(capsys.readouterr().out)["results"]
    assert {hit["distance"] for hit in heavy} == {0}
    assert main([*arguments, "--rank", "codes", "--json"]) == 0
    bare = json.loads(capsys.readouterr().out)["results"]
    assert all(hit.keys() == {"id", "distance", "text"} for hit in bare)
    distances = [hit["distance"] for hit in bare]
    assert distances == sorted(distances)


def test_a_name_that_the_model_does_not_know_is_found(trained, tmp_path, capsys):
    path, index = tmp_path / "corpus.txt", str(tmp_path / "i")
    lines = ["send a mail", "sort an array", "Zyxomma", "sort the mail of Mr Xyz"]
    path.write_text("\n".join(lines * 2 + ["an array of Qwghlm"]), "utf-8")
    assert main(["index", str(trained.saved_model), str(path), "--out", index]) == 0
    assert "9 documents, 2 without a code; a bit weighs" in capsys.readouterr().out
    for query, first in (("qwghlm", "9"), ("zyxomma", "3"), ("array qwghlm", "9")):
        assert main(["search", index, query, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["results"]
        assert found[0]["id"] == first and len(found) == 9


def test_the_weight_of_a_bit_is_kept_in_the_index(trained, tmp_path, capsys):
    path, index = tmp_path / "corpus.txt", tmp_path / "i"
    path.write_text("send a mail\nsort an array\n", "utf-8")
    arguments = ["index", str(trained.saved_model), str(path), "--out", str(index)]
    assert main([*arguments, "--bit-weight", "0.2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bit_weight"] == 0.2
    assert DocumentIndex.load(index).bit_weight == 0.2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--radius", "1"], "expected --rank codes beside --radius; got --rank words"),
        (
            ["--rank", "codes", "--bit-weight", "1"],
            "expected --rank words beside --bit-weight; got --rank codes",
        ),
    ],
)
def test_options_of_the_other_order_are_refused(trained, capsys, options, message):
    assert main(["search", str(trained.index), "a mail", *options]) == 1
    assert message in capsys.readouterr().err


def test_a_model_of_24_bits(docs_file, tmp_path, capsys):
    corpus, run = [str(docs_file), "--limit", "300"], str(tmp_path / "run")
    model, index = str(tmp_path / "model"), str(tmp_path / "index")
    assert main(["train", *corpus, *QUICK, "--bits", "24", "--out", run]) == 0
    assert main(["export", run, model]) == 0
    assert main(["index", model, *corpus, "--out", index]) == 0
    documents = DocumentIndex.load(index)
    assert documents.index.bits == 24
    capsys.readouterr()
    text = documents.texts[int(documents.index.documents.whole().table.ids[0])]
    search = ["search", index, text, "--rank", "codes", "-k", "300", "--json"]
    assert main([*search, "--radius", "0"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["bits"]) == 24
    assert text in [hit["text"] for hit in found["results"]]


def test_more_than_there_are(trained, capsys):
    text = DocumentIndex.load(trained.index).texts[0]
    huge = ["search", str(trained.index), text, "-k", "99999999999", "--json"]
    assert main(huge) == 0
    found = json.loads(capsys.readouterr().out)["results"]
    documents = DocumentIndex.load(trained.index)
    assert len(found) == len(documents.names)
    assert main([*huge, "--rank", "codes"]) == 0
    found = json.loads(capsys.readouterr().out)["results"]
    assert len(found) == len(documents.index)


@pytest.mark.parametrize(
    "option",
    [["-k", "0"], ["-k", "x"], ["--radius", "-1"], ["--bit-weight", "0"]],
)
def test_numbers_that_are_none_are_refused(trained, capsys, option):
    with pytest.raises(SystemExit) as caught:
        main(["search", str(trained.index), "a text", *option])
    assert caught.value.code == 2
    assert f"; got {option[1]!r}" in capsys.readouterr().err.splitlines()[-1]


def test_index_and_model_move_together(trained, tmp_path, capsys):
    text = DocumentIndex.load(trained.index).texts[0]
    assert main(["search", str(trained.index), text, "--json"]) == 0
    before = capsys.readouterr().out
    there = tmp_path / "there"
    shutil.copytree(trained.saved_model, there / "saved_models/small")
    shutil.copy(trained.index, there / "i")
    loaded = DocumentIndex.load(there / "i")
    assert loaded.model == str(there / "saved_models/small/1")
    assert main(["search", str(there / "i"), text, "--json"]) == 0
    assert capsys.readouterr().out == before


def test_a_moved_index_is_given_its_model(trained, tmp_path, capsys):
    text = DocumentIndex.load(trained.index).texts[0]
    moved = tmp_path / "a/b/c"
    moved.parent.mkdir(parents=True)
    index = DocumentIndex.load(trained.index)
    index.model = str(tmp_path / "gone")
    index.save(moved)
    assert main(["search", str(moved), text]) == 1
    said = capsys.readouterr().err
    assert "expected the model that made" in said and "give --model" in said
    assert main(["search", str(moved), text, "--model", str(trained.saved_model)]) == 0


def test_another_model_is_refused(trained, tmp_path, docs_file, capsys):
    corpus = [str(docs_file), *QUICK, "--limit", "300", "--bits"]
    text = DocumentIndex.load(trained.index).texts[0]
    for bits in ("10", "9"):
        run, model = str(tmp_path / bits), str(tmp_path / f"model{bits}")
        assert main(["train", *corpus, bits, "--out", run]) == 0
        assert main(["export", run, model]) == 0
        assert main(["search", str(trained.index), text, "--model", model]) == 1
        assert "whose codes are others" in capsys.readouterr().err


def test_an_index_of_the_first_bits_takes_the_whole_model(
    trained, docs_file, tmp_path, capsys
):
    model, index = str(trained.saved_model), str(tmp_path / "short")
    make = ["index", model, str(docs_file), "--out", index, "--bits"]
    assert main([*make, "8"]) == 0
    short, long = DocumentIndex.load(index), DocumentIndex.load(trained.index)
    assert (short.index.bits, long.index.bits) == (8, 10)
    capsys.readouterr()
    assert main(["search", index, long.texts[0], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    hashed = SavedHasher(model).hash([long.texts[0]]).bits[0, :8]
    assert found["bits"] == "".join(map(str, hashed))
    for bits, expected in (("7", "from 8 to 10; got 7"), ("11", "to 10; got 11")):
        assert main([*make, bits]) == 1
        assert expected in capsys.readouterr().err


def test_a_document_is_one_line(trained, tmp_path, capsys):
    loaded = DocumentIndex.load(trained.index)
    names = ["one\nline"] * len(loaded.names)
    loaded.names = StringTable.of(names)
    loaded.save(tmp_path / "i")
    assert main(["search", str(tmp_path / "i"), loaded.texts[0], "-k", "3"]) == 0
    _, *hits = capsys.readouterr().out.splitlines()
    assert len(hits) == 3 and all("  one line  " in hit for hit in hits)
