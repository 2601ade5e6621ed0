"""The client against the server of this package, on real ports."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from wish_tf import HammingIndex
from wish_tf.client import Client, InvalidRequest, ModelNotFound, VersionStatus
from wish_tf.corpora import Corpus
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import SavedHasher, export_hasher

DOCUMENTS = Corpus(
    "colours",
    ["red", "green", "red blue", "nothing known", "blue green", "café", "red"],
    None,
    [f"é{place}" for place in range(7)],
)
TEXTS = ["red the blue red", "green", "nothing known", "", "caf\u00e9 red\x00", "blue"]


@pytest.fixture(scope="module")
def hasher(tmp_path_factory) -> SavedHasher:
    """An untrained hasher of four words into 11 bits, exported with documents."""
    keras.utils.set_random_seed(0)
    words = ["red", "blue", "green", "caf\u00e9"]
    vectorization = TfidfVectorization(words, [1.0, 2.0, 3.0, 1.0])
    wish = WISH(11, 4, topic_dim=16, hidden_units=(8,), name="wish")
    folder = tmp_path_factory.mktemp("model")
    model = HashingModel(vectorization, wish)
    return SavedHasher(export_hasher(model, folder, documents=DOCUMENTS))


@pytest.fixture(scope="module")
def urls(hasher) -> Iterator[dict[str, str]]:
    """The model on a server in a process of its own, by REST and by gRPC."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "wish_tf", "serve", str(hasher.path.parent)]
    process = subprocess.Popen(
        [*command, "--rest-api-port", "0", "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines, found = [], None
        for line in process.stderr:
            lines.append(line)
            found = re.search(r"http://[\d.:]+/v1/models/wish", line)
            if found:
                break
        assert found, f"the server ended before it was ready: {lines}"
        # Or the pipe could fill up and stop the server.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield {"rest": found[0], "grpc": f"grpc://127.0.0.1:{port}/wish"}
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=["rest", "grpc"])
def url(urls, request) -> str:
    return urls[request.param]


@pytest.fixture
def client(url):
    with Client(url) as made:
        yield made


def test_codes_are_those_of_the_saved_model(client, hasher):
    texts = TEXTS * 5
    expected = hasher.hash(texts)
    hashed = client.hash(texts, batch_size=4)
    np.testing.assert_array_equal(hashed.bits, expected.bits, strict=True)
    np.testing.assert_array_equal(hashed.packed, expected.packed, strict=True)
    np.testing.assert_array_equal(hashed.out_of_vocabulary, expected.out_of_vocabulary)
    np.testing.assert_allclose(hashed.probabilities, expected.probabilities, rtol=1e-6)
    assert hashed.out_of_vocabulary.tolist()[:4] == [False, False, True, True]
    assert client.hash([]).bits.shape == (0, 11)


def test_topics_are_those_of_the_saved_model(client, hasher):
    expected, topics = hasher.topics(3), client.topics(3)
    assert [[word for word, _ in bit] for bit in topics] == [
        [word for word, _ in bit] for bit in expected
    ]
    np.testing.assert_allclose(
        [[weight for _, weight in bit] for bit in topics],
        [[weight for _, weight in bit] for bit in expected],
        rtol=1e-6,
    )


@pytest.mark.parametrize("k", [3, 10])
def test_documents_are_those_of_an_index(client, hasher, k):
    documents = hasher.hash(DOCUMENTS.texts)
    known = np.flatnonzero(~documents.out_of_vocabulary)
    index = HammingIndex(11)
    index.add(documents.bits[known], ids=known)
    texts = TEXTS * 5
    queries = hasher.hash(texts)
    expected = index.search(queries.bits, k)
    unknown = queries.out_of_vocabulary[:, None]
    names = np.array([*DOCUMENTS.ids, ""], object)[expected.ids]
    found = client.search(texts, k, batch_size=4)
    assert found.ids.tolist() == np.where(unknown, "", names).tolist()
    np.testing.assert_array_equal(
        found.distances, np.where(unknown, -1, expected.distances), strict=True
    )
    np.testing.assert_array_equal(found.out_of_vocabulary, queries.out_of_vocabulary)


def test_a_k_that_is_too_large_is_refused(client):
    with pytest.raises(
        InvalidRequest, match="expected k from 1 to the largest of the export; got 11"
    ):
        client.search(["red"], 11)


def test_rows_and_columns_of_plain_json(urls):
    def predict(**request) -> dict:
        body = json.dumps({"signature_name": "search", **request}).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{urls['rest']}:predict", body, headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    with Client(urls["rest"]) as client:
        first = client.search(["red", "no"], 2)
    rows = predict(instances=[{"text": "red", "k": 2}, {"text": "no", "k": 1}])
    known, unknown = rows["predictions"]
    width = len(known["ids"])
    empty = {"ids": [""] * width, "distances": [-1] * width}
    assert unknown == {**empty, "out_of_vocabulary": True, "bad_k": False}
    assert known == {
        "ids": first.ids[0].tolist() + empty["ids"][2:],
        "distances": first.distances[0].tolist() + empty["distances"][2:],
        "out_of_vocabulary": False,
        "bad_k": False,
    }
    columns = predict(inputs={"text": ["red", "no"], "k": [2, 1]})
    assert columns["outputs"] == {
        name: [row[name] for row in rows["predictions"]] for name in known
    }


def test_status_and_metadata(client):
    assert client.status() == [VersionStatus(1, "AVAILABLE", "OK", "")]
    metadata = client.metadata()
    assert metadata["model_spec"]["name"] == "wish"
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    assert signatures.keys() >= {"hash", "serving_default", "topics", "search"}


def test_a_version_is_asked_for(url):
    with Client(f"{url}/versions/1") as client:
        assert client.hash(["red"]).bits.shape == (1, 11)
    with Client(f"{url}/versions/2") as client:
        with pytest.raises(ModelNotFound, match=r"Specific\(wish, 2\)$"):
            client.hash(["red"])
        with pytest.raises(ModelNotFound, match="Could not find version 2 of model"):
            client.status()


def test_a_label_that_is_not_there_is_refused(url):
    with Client(f"{url}/labels/none") as client:
        with pytest.raises(InvalidRequest, match="version label: none$"):
            client.hash(["red"])


def test_a_model_that_is_not_there_is_not_found(url):
    with Client(f"{url}s") as client:
        with pytest.raises(ModelNotFound, match=r"Latest\(wishs\)$"):
            client.hash(["red"])
