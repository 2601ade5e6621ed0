import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from wish_tf import HammingIndex, InputError, export_hasher
from wish_tf.corpora import Corpus
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import check_export
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.search_documents import SearchDocuments
from wish_tf.saved_model.warmup import read_warmup
from wish_tf.saved_model.write_version import write_version
from wish_tf.server.version_directory import CARD_FILE
from wish_tf.server.warm_up import WARM_UP_FILE

KNOWN = ["red", "blue", "green"]
LARGEST_K = 100


def corpus(documents: int) -> Corpus:
    """Texts of three known words and an unknown one; some have no known word."""
    rng = np.random.default_rng(0)
    words = rng.choice([*KNOWN, "mauve", "mauve"], (documents, 4))
    texts = [" ".join(row) for row in words]
    return Corpus("colours", texts, None, [f"café {n}" for n in range(documents)])


def model(bits: int, **settings) -> HashingModel:
    vectorization = TfidfVectorization(KNOWN, [1.0, 2.0, 3.0])
    wish = WISH(bits, 3, topic_dim=16, hidden_units=(8,), seed=2, **settings)
    return HashingModel(vectorization, wish)


@pytest.fixture(scope="module", params=[(3, 400), (11, 90)])
def made(request, tmp_path_factory) -> tuple[HashingModel, Corpus, Path]:
    """A model, documents, and the version of both: with lists and by comparing."""
    bits, documents = request.param
    hasher, texts = model(bits), corpus(documents)
    folder = tmp_path_factory.mktemp("search")
    version = export_hasher(hasher, folder, documents=texts, largest_k=LARGEST_K)
    return hasher, texts, version


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    return export_hasher(
        model(6), tmp_path_factory.mktemp("small"), documents=corpus(80)
    )


def search(version: Path, texts: list[str], k: list[int]) -> dict[str, np.ndarray]:
    inputs = {"text": np.array([t.encode() for t in texts], object)}
    return ExportedVersion(version).run("search", inputs | {"k": np.array(k, np.int32)})


def documents_of(version: Path) -> int:
    return json.loads((version / CARD_FILE).read_text())["search"]["documents"]


def test_it_finds_what_an_index_of_the_models_codes_finds(made):
    hasher, documents, path = made
    hashed = hasher.hash_texts(tf.constant(documents.texts))
    known = np.flatnonzero(~hashed["out_of_vocabulary"].numpy())
    assert 0 < len(known) < len(documents)
    index = HammingIndex(hasher.bits)
    index.add(hashed["bits"].numpy()[known], ids=known)
    queries = ["red", "green blue", "blue blue red", "red green"]
    expected = index.search(hasher.hash_texts(tf.constant(queries))["bits"], 30)
    found = search(path, queries, [30] * 4)
    found = {name: values[..., :30] for name, values in found.items()}
    assert [[name.decode() for name in row] for row in found["ids"]] == [
        [documents.ids[place] for place in row] for row in expected.ids
    ]
    np.testing.assert_array_equal(found["distances"], expected.distances)
    assert found["out_of_vocabulary"].tolist() == [False] * 4


def test_a_row_out_for_each_row_in(made):
    found = search(made[2], ["red", "mauve", "blue", ""], [2, 3, 1, 3])
    width = min(LARGEST_K, documents_of(made[2]))
    assert found["ids"].shape == found["distances"].shape == (4, width)
    assert (found["ids"] != b"").sum(axis=1).tolist() == [2, 0, 1, 0]
    assert (found["distances"] >= 0).sum(axis=1).tolist() == [2, 0, 1, 0]
    assert found["out_of_vocabulary"].tolist() == [False, True, False, True]
    # One after the other they get the same.
    alone = search(made[2], ["red"], [2])
    assert alone["ids"].tolist() == found["ids"][:1].tolist()
    assert search(made[2], [], [])["ids"].shape == (0, width)


def test_more_than_there_are(made):
    found = search(made[2], ["red"], [LARGEST_K])
    most = min(LARGEST_K, documents_of(made[2]))
    assert found["ids"].shape == (1, most)
    assert len(set(found["ids"][0])) == most
    assert (np.diff(found["distances"][0]) >= 0).all()


def test_a_row_has_no_influence_on_others(made):
    """TF-Serving merges the rows of requests and splits what comes out."""
    path = made[2]
    rows = [("red", 2), ("mauve", 1), ("blue", 0), ("green", LARGEST_K + 1), ("red", 9)]
    rows *= 257 // len(rows) + 1
    texts, k = zip(*rows, strict=True)
    merged = search(path, list(texts), list(k))
    assert merged["bad_k"].tolist() == [not 1 <= each <= LARGEST_K for each in k]
    for start, end in [(0, 1), (1, 4), (4, 5), (5, 133), (133, len(rows))]:
        alone = search(path, list(texts[start:end]), list(k[start:end]))
        for name, values in alone.items():
            np.testing.assert_array_equal(values, merged[name][start:end], strict=True)
    nothing = merged["bad_k"] | merged["out_of_vocabulary"]
    assert (merged["ids"][nothing] == b"").all()
    assert (merged["ids"][~nothing][:, 0] != b"").all()


def test_a_k_for_each_text(exported):
    with pytest.raises(InputError, match="expected 'search' to run; got the failure"):
        search(exported, ["red", "red"], [1])


def test_the_card_and_the_warm_up_requests_tell_of_it(made):
    hasher, documents, path = made
    card = json.loads((path / CARD_FILE).read_text())["search"]
    known = SearchDocuments.hashed(hasher, documents, LARGEST_K)
    assert card == known.facts()
    assert card["corpus"] == "colours" and card["bits"] == hasher.bits
    assert card["documents"] + card["left_out_without_a_known_word"] == len(documents)
    text = (path / CARD_FILE).with_suffix(".md").read_text("utf-8")
    assert f"| {card['documents']} of colours; " in text
    asked = [
        tf.make_ndarray(request.inputs["k"]).tolist()
        for request in read_warmup(path / WARM_UP_FILE)
        if request.model_spec.signature_name == "search"
    ]
    assert asked == [[10], [10] * 8]


def test_texts_stay_out_of_the_export(made):
    _, documents, path = made
    stored = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    assert documents.ids[-1].encode() in stored
    # Others may be among the warm-up requests, by chance.
    texts = [text for text in documents.texts if "mauve" in text]
    assert not any(text.encode() in stored for text in texts)


def test_a_whole_export_passes(made):
    assert {check.result for check in check_export(made[2])} == {"ok", "left out"}


def test_documents_that_cannot_be_used_are_refused(tmp_path):
    with pytest.raises(InputError, match="got none among the 2 of c$"):
        none = Corpus("c", ["mauve", ""], None, ["a", "b"])
        export_hasher(model(6), tmp_path, documents=none)
    other = SearchDocuments(np.zeros((1, 7), np.uint8), ["a"])
    with pytest.raises(InputError, match="of 6 bits, as the model has; got 7$"):
        write_version(tmp_path / "1", model(6), {}, other)
    assert list(tmp_path.iterdir()) == []
