"""wish-tf index and search beyond what test_commands.py asks of every command."""

import json

import numpy as np
import pytest

from wish_tf.cli import main
from wish_tf.index.document_index import DocumentIndex


def test_rerank_orders_what_is_nearest_by_probabilities(trained, capsys):
    documents = DocumentIndex.load(trained.index)
    text = documents.texts[0]
    arguments = ["search", str(trained.index), text, "-k", "5"]
    assert main([*arguments, "--rerank", "probabilities", "--json"]) == 0
    hits = json.loads(capsys.readouterr().out)["results"]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores) and len(hits) == 5
    assert main([*arguments, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)["results"]
    assert max(h["distance"] for h in hits) <= max(h["distance"] for h in plain)
    assert main([*arguments, "--rerank", "probabilities"]) == 0
    line = capsys.readouterr().out.splitlines()[-5].split()
    assert line[:2] == [str(hits[0]["distance"]), f"{scores[0]:.2f}"]


def test_a_model_of_24_bits(docs_file, tmp_path, capsys):
    corpus, run = [str(docs_file), "--limit", "300"], str(tmp_path / "run")
    model, index = str(tmp_path / "model"), str(tmp_path / "index")
    assert main(["train", *corpus, "--bits", "24", "--epochs", "1", "--out", run]) == 0
    assert main(["export", run, model]) == 0
    assert main(["index", model, *corpus, "--out", index]) == 0
    documents = DocumentIndex.load(index)
    assert documents.index.bits == 24
    capsys.readouterr()
    text = documents.texts[int(documents.index.documents.table.ids[0])]
    assert main(["search", index, text, "-k", "300", "--radius", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["bits"]) == 24
    assert text in [hit["text"] for hit in found["results"]]


def test_an_index_of_version_1_is_read(tmp_path):
    path = tmp_path / "old"
    with path.open("wb") as file:
        np.savez(
            file,
            format=np.array("wish_tf DocumentIndex"),
            version=np.array(1),
            probabilities=np.array([[0.9, 0.1], [0.5, 0.5]], np.float32),
            out_of_vocabulary=np.array([False, True]),
            model=np.array("m"),
            names=np.frombuffer(b"ab", np.uint8),
            names_ends=np.array([1, 2]),
            texts=np.frombuffer("übung".encode(), np.uint8),
            texts_ends=np.array([6, 6]),
        )
    documents = DocumentIndex.load(path)
    assert (list(documents.names), list(documents.texts)) == (["a", "b"], ["übung", ""])
    assert (documents.model, documents.skipped) == ("m", 1)
    assert documents.index.search([[1, 0]], 1).ids.tolist() == [[0]]
    with pytest.raises(IndexError):
        documents.texts[2]
