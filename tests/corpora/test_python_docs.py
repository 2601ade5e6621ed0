import sys
from collections import Counter
from pathlib import Path

import pytest

from wish_tf.corpora import Corpus, load_corpus, python_docs


@pytest.fixture(scope="module")
def loaded() -> tuple[Corpus, set[str]]:
    """The corpus of the installed packages, and what it made this process import."""
    before = set(sys.modules)
    return load_corpus("python-docs"), set(sys.modules) - before


def test_the_packages_are_not_imported_here(loaded):
    _, imported = loaded
    assert not {"turtle", "antigravity", "sklearn.manifold"} & imported


def test_every_process_finds_the_same_in_the_same_order(monkeypatch):
    found = []
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        found.append(list(python_docs._public_names(["numpy", "scipy.signal"])))
    assert found[0] == found[1] and len(found[0]) > 500


def test_of_useful_size(loaded):
    corpus, _ = loaded
    # 8,156 with the versions at hand; tkinter is not everywhere.
    assert 7_000 < len(corpus) < 10_000
    counts = Counter(label for (label,) in corpus.labels)
    packages = {"std", "numpy", "scipy", "sklearn", "keras", "tensorflow"}
    assert packages < set(counts)
    assert all(counts[label] >= 100 for label in set(counts) - packages)


def test_each_document_once(loaded):
    corpus, _ = loaded
    assert len(set(corpus.ids)) == len(corpus)
    prose = [text.split("\n", 1)[1] for text in corpus.texts]
    assert len({" ".join(text.lower().split()) for text in prose}) == len(corpus)
    assert min(len(text.split()) for text in prose) >= 4
    assert not any(text.lstrip().startswith(">>>") for text in prose)
    assert not [name for name in corpus.ids if "._" in name or name[0] == "_"]


def test_what_a_reader_looks_for_is_there(loaded):
    corpus, _ = loaded
    labels = dict(zip(corpus.ids, corpus.labels, strict=True))
    for name in (
        "json.loads re.match csv.reader random.choice datetime.datetime open str.split "
        "os.path.join os.listdir socket.create_connection sqlite3.connect math.sqrt "
        "numpy.linalg.inv numpy.random.normal scipy.integrate.solve_ivp "
        "scipy.stats.norm sklearn.cluster.KMeans keras.layers.Dropout keras.Model "
        "sklearn.linear_model.LinearRegression tensorflow.data.Dataset"
    ).split():
        assert name in labels, name
    assert labels["scipy.stats.norm"] == ("scipy.stats",)
    assert labels["os.path.join"] == labels["os.listdir"] == ("os",)
    assert labels["json.loads"] == ("std",) and labels["open"] == ("builtins",)
    assert labels["keras.Model"] == ("keras",)


@pytest.mark.parametrize(
    ("name", "docstring", "words"),
    [
        ("pack.load_iris", "One two three four.", "pack.load_iris: pack load iris\n"),
        ("a.HTTPServer", "One two three four.", "a.HTTPServer: a HTTP Server\n"),
        (
            "Conv2D",
            "f(x, *, y=1) -> z\n\n  One two three four.\n  >>> 1",
            "Conv2D: Conv2D\n",
        ),
    ],
)
def test_the_words_of_the_name_come_first(name, docstring, words, monkeypatch):
    found = {name: docstring, "a.again": docstring, "a.short": "Of three words."}
    monkeypatch.setattr(python_docs, "_public_names", lambda packages: found.items())
    assert load_corpus("python-docs") == Corpus(
        name="python-docs",
        texts=[f"{words}One two three four."],
        labels=[("std",)],
        ids=[name],
    )


def test_a_program_that_fails_is_not_an_empty_corpus(monkeypatch):
    monkeypatch.setattr(python_docs, "PROGRAM", Path("no_such_program.py"))
    with pytest.raises(RuntimeError, match="no_such_program.py failed: .*No such file"):
        load_corpus("python-docs")
