"""The whole way of a text, with a real process and real HTTP."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest

from wish_tf import SavedHasher, TextHasher, export_hasher
from wish_tf.codes import pack_bits
from wish_tf.corpora import load_corpus, split_corpus
from wish_tf.index import HammingIndex
from wish_tf.metrics import precision_at_k


@pytest.fixture(scope="module")
def splits(docs_file):
    return split_corpus(load_corpus(docs_file))


@pytest.fixture(scope="module")
def hasher(splits) -> TextHasher:
    return TextHasher(8).fit(splits.train.texts)


@pytest.fixture(scope="module")
def served(hasher, tmp_path_factory):
    """The exported model, and the address of a server process with it."""
    base = tmp_path_factory.mktemp("saved_models") / "docs"
    export_hasher(hasher.model_, base)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "wish_tf", "serve", str(base)),
            *("--rest-api-port", "0", "--port", "0"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in server.stdout:
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail(f"the server ended with {server.wait()}")
        yield base, found.group()
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0


def post(url: str, body: dict) -> dict:
    request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_the_model_is_alive_and_far_better_than_chance(hasher, splits):
    codes = hasher.transform(splits.train.texts)
    share = codes.mean(axis=0)
    assert ((share > 0) & (share < 1)).all()
    labels = [label for (label,) in splits.train.labels]
    chance = np.mean(
        [labels.count(label) / len(labels) for (label,) in splits.test.labels]
    )
    precision = precision_at_k(
        hasher.transform(splits.test.texts),
        splits.test.labels,
        codes,
        splits.train.labels,
        50,
    )
    assert precision > 4 * chance


def test_row_and_column_requests_give_the_codes_of_the_model(served, hasher, splits):
    base, url = served
    texts = [*splits.test.texts[:20], "qqqzzz", "naïve 北京"]
    expected = hasher.hash(texts)
    columns = post(f"{url}:predict", {"inputs": {"text": texts}})["outputs"]
    np.testing.assert_array_equal(columns["bits"], expected.bits)
    np.testing.assert_allclose(
        columns["probabilities"], expected.probabilities, atol=1e-5
    )
    assert columns["out_of_vocabulary"] == expected.out_of_vocabulary.tolist()
    rows = post(f"{url}:predict", {"signature_name": "hash", "instances": texts})
    assert [row["bits"] for row in rows["predictions"]] == columns["bits"]
    np.testing.assert_array_equal(SavedHasher(base).hash(texts).bits, expected.bits)


def test_packed_codes_are_base64_bytes(served, hasher, splits):
    import base64

    _, url = served
    texts = splits.test.texts[:5]
    rows = post(f"{url}:predict", {"instances": [{"text": text} for text in texts]})
    packed = [base64.b64decode(row["code_bytes"]["b64"]) for row in rows["predictions"]]
    assert packed == [bytes(row) for row in pack_bits(hasher.transform(texts))]


def test_topics_status_and_errors(served, hasher):
    _, url = served
    topics = post(f"{url}:predict", {"signature_name": "topics", "instances": [3]})
    (row,) = topics["predictions"]
    assert row["names"] == hasher.names_
    assert [words[:3] for words in row["words"]] == [
        list(topic.words[:3]) for topic in hasher.topics()
    ]
    with urllib.request.urlopen(url, timeout=30) as answer:
        (status,) = json.load(answer)["model_version_status"]
    assert (status["version"], status["state"]) == ("1", "AVAILABLE")
    with pytest.raises(urllib.error.HTTPError) as error:
        post(f"{url}:predict", {"instances": [1]})
    assert error.value.code == 400
    assert "expected values of type string" in json.load(error.value)["error"]


def test_an_index_of_the_codes_finds_each_document_first_among_its_equals(
    hasher, splits
):
    codes = hasher.transform(splits.train.texts)
    index = HammingIndex(8)
    index.add(codes)
    found = index.search(codes[:50], k=10)
    assert (found.distances[:, 0] == 0).all()
    same = [(codes == codes[i]).all(axis=1).nonzero()[0][:10] for i in range(50)]
    for row, (ids, distances) in enumerate(
        zip(found.ids, found.distances, strict=True)
    ):
        np.testing.assert_array_equal(ids[distances == 0], same[row])
