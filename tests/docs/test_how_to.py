"""The Python of the how-to pages runs as it stands there."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from tests.client.played_server import PlayedServer
from wish_tf.corpora import load_corpus
from wish_tf.saved_model import export_hasher


@pytest.fixture
def run(blocks, docs_file, tmp_path, monkeypatch):
    """A function that runs the blocks of a page beside the file docs.jsonl."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(docs_file, "docs.jsonl")

    def run(page: str, names: dict, change=lambda code: code) -> dict:
        for code in blocks(page):
            exec(compile(change(code), page, "exec"), names)
        return names

    return run


def test_key(run, hasher, capsys):
    export_hasher(hasher.model_, "saved_models/key")
    played = PlayedServer()
    address = "http://127.0.0.1:8501/v1/models/key"
    try:
        names = run(
            "docs/how-to/key.md", {}, lambda code: code.replace(address, played.url)
        )
    finally:
        played.close()
    assert names["keys"].dtype == np.uint16
    assert 0 in names["block"] and len(names["block"]) < len(names["keys"])
    nearest, answer = capsys.readouterr().out.splitlines()
    assert nearest.count(",") == 9  # ten ids
    assert answer.endswith("[False, False]")


def test_rows(run, capsys):
    run("docs/how-to/rows.md", {})
    assert capsys.readouterr().out == "17 1011001001101100\n"


def test_compare(run, capsys):
    names = run("docs/how-to/compare.md", {})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["lsh", "itq", "kmeans"]
    assert names["codes"].shape == (150, 8) and names["codes"].any()
    assert names["published"].recipe.strategy.name == "straight_through"


def test_keras(run, docs_file, monkeypatch):
    corpus = load_corpus(docs_file, limit=600)
    monkeypatch.setattr("wish_tf.corpora.load_corpus", lambda name, limit: corpus)
    names = run("docs/how-to/keras.md", {})
    assert (names["codes"] == names["model"].encode(names["rows"])).all()


def test_language(run, monkeypatch, capsys):
    from wish_tf import recipes, text_hasher

    texts = ["Das Haus ist alt", "Ein altes Haus", "Die Bahn fährt", "Bahn und Zug"] * 4
    with open("texte.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(texts))
    # The default anneals for seconds; what it would find is tested elsewhere.
    quick = recipes.PAPER.assigned("fit.epochs=1").assigned("model.hidden_units=[16]")
    monkeypatch.setattr(text_hasher, "DEFAULT", quick)
    names = run("docs/how-to/language.md", {})
    vocabulary = names["hasher"].vocabulary
    assert "fährt" in vocabulary and "das" not in vocabulary
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 8 + 3


def test_versioning(blocks, hasher, tmp_path, monkeypatch):
    from wish_tf import HammingIndex

    monkeypatch.chdir(tmp_path)
    index = HammingIndex(hasher.bits)
    index.add([[0] * 16, [1] * 16], ids=[17, 18])
    [code] = blocks("docs/versioning.md")
    exec(compile(code, "versioning.md", "exec"), {"index": index, "hasher": hasher})
    stored = HammingIndex.load("docs.index")
    found = stored.search(hasher.transform(["the new text"]), k=1)
    assert found.ids[0, 0] == 17 and found.distances[0, 0] == 0
