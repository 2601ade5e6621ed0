import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from wish_tf import HammingIndex, InputError, export_hasher
from wish_tf.corpora import Corpus
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import check_export
from wish_tf.saved_model.code_search import LARGEST_K
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.fingerprints import names_sha256
from wish_tf.saved_model.search_check import check_search
from wish_tf.saved_model.search_documents import SearchDocuments
from wish_tf.saved_model.warmup import read_warmup
from wish_tf.saved_model.write_version import write_version
from wish_tf.server.version_directory import CARD_FILE
from wish_tf.server.warm_up import WARM_UP_FILE

KNOWN = ["red", "blue", "green"]


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
    return hasher, texts, export_hasher(hasher, folder, documents=texts)


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    return export_hasher(
        model(6), tmp_path_factory.mktemp("small"), documents=corpus(80)
    )


@pytest.fixture
def version(exported, tmp_path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "1"))


def search(version: Path, texts: list[str], k: list[int]) -> dict[str, np.ndarray]:
    inputs = {"text": np.array([t.encode() for t in texts], object)}
    return ExportedVersion(version).run("search", inputs | {"k": np.array(k, np.int32)})


def failures(version: Path) -> dict[str, str]:
    return {c.name: c.why for c in check_export(version) if c.result == "failed"}


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
    assert [[name.decode() for name in row] for row in found["ids"]] == [
        [documents.ids[place] for place in row] for row in expected.ids
    ]
    np.testing.assert_array_equal(found["distances"], expected.distances)
    assert found["out_of_vocabulary"].tolist() == [False] * 4


def test_a_row_out_for_each_row_in(made):
    found = search(made[2], ["red", "mauve", "blue", ""], [2, 3, 1, 3])
    assert found["ids"].shape == found["distances"].shape == (4, 3)
    assert (found["ids"] != b"").sum(axis=1).tolist() == [2, 0, 1, 0]
    assert (found["distances"] >= 0).sum(axis=1).tolist() == [2, 0, 1, 0]
    assert found["out_of_vocabulary"].tolist() == [False, True, False, True]
    # One after the other they get the same.
    alone = search(made[2], ["red"], [2])
    assert alone["ids"].tolist() == found["ids"][:1, :2].tolist()
    assert search(made[2], [], [])["ids"].shape == (0, 0)


def test_more_than_there_are(made):
    _, _, path = made
    documents = json.loads((path / CARD_FILE).read_text())["search"]["documents"]
    found = search(path, ["red"], [LARGEST_K])
    assert found["ids"].shape == (1, documents)
    assert len(set(found["ids"][0])) == documents
    assert (np.diff(found["distances"][0]) >= 0).all()


@pytest.mark.parametrize(
    ("texts", "k", "sentence"),
    [
        (["red"], [0], "expected k from 1 to 1000; got"),
        (["red", "red"], [1, 1001], "expected k from 1 to 1000; got"),
        (["red", "red"], [1], "expected a k for each text; got"),
    ],
)
def test_what_cannot_be_answered_is_refused(exported, texts, k, sentence):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(exported))
        signature = graph.signature_def["search"]
        with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
            session.run(
                signature.outputs["ids"].name,
                {signature.inputs["text"].name: texts, signature.inputs["k"].name: k},
            )


def test_the_card_and_the_warm_up_requests_tell_of_it(made):
    hasher, documents, path = made
    card = json.loads((path / CARD_FILE).read_text())["search"]
    known = SearchDocuments.hashed(hasher, documents)
    assert card == known.facts()
    assert card["corpus"] == "colours" and card["bits"] == hasher.bits
    assert card["documents"] + card["left_out_without_a_known_word"] == len(documents)
    assert card["names_sha256"] == names_sha256(known.names)
    text = (path / CARD_FILE).with_suffix(".md").read_text("utf-8")
    assert (
        f"| {card['documents']} of colours; " in text and card["names_sha256"] in text
    )
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
    outcomes = {check.name: check for check in check_export(made[2])}
    assert outcomes["search"].result == "ok"
    assert outcomes["search"].why.startswith("the 10 nearest of ")
    assert {check.result for check in outcomes.values()} == {"ok", "left out"}


def test_names_of_other_documents_are_found(version):
    card = json.loads((version / CARD_FILE).read_text())
    for what in ("names", "codes"):
        other = {**card, "search": {**card["search"], f"{what}_sha256": "0"}}
        (version / CARD_FILE).write_text(json.dumps(other))
        with pytest.raises(InputError, match=f"with {what} of SHA-256 0, as on the"):
            check_search(ExportedVersion(version))


def test_a_signature_or_a_card_without_the_other_is_found(version):
    path = version / CARD_FILE
    card = json.loads(path.read_text())
    whole = path.read_text()
    del card["search"]
    path.write_text(json.dumps(card))
    assert "got the signature only" in failures(version)["model card"]
    path.write_text(whole)
    saved = SavedModel.FromString((version / "saved_model.pb").read_bytes())
    saved.meta_graphs[0].signature_def.pop("search")
    (version / "saved_model.pb").write_bytes(saved.SerializeToString())
    found = failures(version)
    assert "got the documents only" in found["model card"] and "warm-up" in found


def test_other_answers_than_the_indexs_are_found(version):
    saved = SavedModel.FromString((version / "saved_model.pb").read_bytes())
    changed = 0
    for function in saved.meta_graphs[0].graph_def.library.function:
        for node in function.node_def:
            if node.op == "BitwiseXor":
                # Some lists are then taken for those of other codes.
                node.op = "BitwiseOr"
                changed += 1
    assert changed
    (version / "saved_model.pb").write_bytes(saved.SerializeToString())
    found = failures(version)
    assert set(found) == {"search"} and "what HammingIndex finds" in found["search"]


def test_codes_drawn_at_random_are_not_compared(tmp_path):
    hasher = model(16, dropout=0.5, dropout_when_hashing=True)
    checks = check_export(export_hasher(hasher, tmp_path, documents=corpus(30)))
    outcomes = {check.name: check for check in checks}
    assert outcomes["search"].result == "ok"
    assert "hashed at random" in outcomes["search"].why


def test_documents_that_cannot_be_used_are_refused(tmp_path):
    with pytest.raises(InputError, match="got none among the 2 of c$"):
        none = Corpus("c", ["mauve", ""], None, ["a", "b"])
        export_hasher(model(6), tmp_path, documents=none)
    other = SearchDocuments(np.zeros((1, 7), np.uint8), ["a"])
    with pytest.raises(InputError, match="of 6 bits, as the model has; got 7$"):
        write_version(tmp_path / "1", model(6), {}, other)
    assert list(tmp_path.iterdir()) == []
