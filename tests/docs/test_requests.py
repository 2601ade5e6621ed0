"""Twenty requests for python-docs, written down before any ranking was looked at."""

import json
import re

import pytest

from wish_tf.cli import main
from wish_tf.corpora import load_corpus
from wish_tf.index.document_index import DocumentIndex
from wish_tf.saved_model import SavedHasher

# A request, and what a right first hit's name looks like.
REQUESTS = {
    "fit a linear model and predict": r"sklearn\.linear_model\.",
    "train a neural network with dropout": r"keras\.|sklearn\.neural_network\.",
    "parse json": r"json\.(load|JSONDecoder)",
    "read a csv file": r"csv\.|numpy\.(loadtxt|genfromtxt)",
    "regular expression match": r"re\.",
    "cluster points with k-means": r"sklearn\.cluster\.|scipy\.cluster\.vq\.",
    "date and time difference": r"datetime\.",
    "send an email message with an attachment": r"smtplib\.|email\.",
    "shuffle and batch the elements of a dataset": r"tensorflow\.data\.",
    "listen on a network socket": r"socket\.|socketserver\.|asyncio\.",
    "random number from a normal distribution": (
        r"random\.|numpy\.random\.|scipy\.stats\.|tensorflow\.random\.|keras\.random\."
    ),
    "solve a system of linear equations": r"(numpy|scipy)\.(sparse\.)?linalg\.",
    "integrate a function numerically": r"scipy\.integrate\.",
    "compress a file with gzip": r"gzip\.",
    "run a command in a subprocess": r"subprocess\.|asyncio\.",
    "start a thread and wait for it": r"threading\.|concurrent\.",
    "hash a password": r"hashlib\.|crypt\.",
    "sort an array": r"numpy\.(ndarray\.)?(ma\.)?(sort|argsort|lexsort)|.*\.sort",
    "fourier transform of a signal": r"(numpy|scipy|tensorflow)\.(fft|signal)",
    "split data into training and test set": r"sklearn\.model_selection\.",
}
RIGHT = 16


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tmp_path_factory.mktemp("requests") / "model")


@pytest.fixture(scope="module")
def index(model, tmp_path_factory):
    """python-docs as the quickstart hashes it; read once, since that takes seconds."""
    folder = tmp_path_factory.mktemp("requests")
    run, index, docs = (str(folder / name) for name in ("run", "index", "docs.jsonl"))
    corpus = load_corpus("python-docs")
    with open(docs, "w", encoding="utf-8") as file:
        for name, text in zip(corpus.ids, corpus.texts, strict=True):
            file.write(json.dumps({"id": name, "text": text}) + "\n")
    assert main(["train", docs, "--bits", "16", "--out", run]) == 0
    assert main(["export", run, model]) == 0
    assert main(["index", model, docs, "--out", index]) == 0
    return index


def test_first_hits_are_right(model, index):
    hasher, documents = SavedHasher(model), DocumentIndex.load(index)
    first = {}
    for request in REQUESTS:
        hashed = hasher.hash([request])
        [place] = documents.search(request, hashed.bits[0], 1).places
        first[request] = documents.names[int(place)]
    wrong = {
        request: name
        for request, name in first.items()
        if not re.match(REQUESTS[request], name)
    }
    assert len(REQUESTS) - len(wrong) >= RIGHT, wrong
