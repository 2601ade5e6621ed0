from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from wish_tf.corpora import Corpus, load_corpus, python_docs_labelled
from wish_tf.errors import InputError

LINEAR = '''
"""A module text is not a document, however many words it may have."""

def fit_line(x, y):
    r"""Fits a straight line to points by ordinary least squares.

    >>> from pack.topic import fit_line
    >>> fit_line([0, 1],
    ...          [0, 1])
    (0.0, 1.0)

    The last paragraph.

    ```python
    import pack.topic
    ```
    """
    def inner():
        """A function in a function has no name that a user knows of."""

def fit_same(x, y):
    """FITS a straight line to points by ordinary least squares.

    The last    paragraph.
    """

def short():
    """Seven words are not quite enough here."""

class Line:
    """A straight line in the plane, with slope and intercept."""

    @property
    def slope(self):
        """How much the line rises when x grows by one."""

    @slope.setter
    def slope(self, value):
        """Sets how much the line rises when x grows by one."""

    async def draw(self):
        """Draws the line on a canvas as soon as there is one."""
'''
FIT_LINE = (
    "Fits a straight line to points by ordinary least squares.\n\nThe last paragraph."
)
EXPORTED = '''
@keras_export(["pack.topic.dense", "pack.dense"])
def dense(x):
    """Multiplies the input with a matrix and adds a vector."""

@export.tf_export("data.Dataset", v1=[])
class DatasetV2:
    """A sequence of elements that may be larger than memory."""

    def batch(self, size):
        """Combines consecutive elements into batches of the given size."""

@tf_export(v1=["old"])
def old():
    """This is not public under any name in the second version."""
'''


@pytest.fixture
def pack(tmp_path, monkeypatch) -> Path:
    """An importable package whose only topic is pack.topic; returns its folder."""
    topic = tmp_path / "pack" / "topic"
    (topic / "tests").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("raise RuntimeError('imported')")
    (topic / "__init__.py").write_text("from ._linear import fit_line, Line")
    (topic / "_linear.py").write_text(LINEAR)
    monkeypatch.syspath_prepend(str(tmp_path))
    topics = {"pack.topic": "pack/topic", "absent_package.topic": "absent_package/x"}
    monkeypatch.setattr(python_docs_labelled, "TOPICS", topics)
    python_docs_labelled._root.cache_clear()
    python_docs_labelled._words.cache_clear()
    return topic


def test_docstrings_without_code_under_the_name_that_users_know(pack):
    corpus = load_corpus("python-docs-labelled")
    assert corpus == Corpus(
        name="python-docs-labelled",
        texts=[
            FIT_LINE,
            "A straight line in the plane, with slope and intercept.",
            "How much the line rises when x grows by one.",
            "Draws the line on a canvas as soon as there is one.",
        ],
        labels=[("pack.topic",)] * 4,
        ids=[
            "pack.topic.fit_line",
            "pack.topic.Line",
            "pack.topic.Line.slope",
            "pack.topic.Line.draw",
        ],
    )
    assert "pack" not in sys.modules


def test_name_that_the_package_does_not_offer_has_the_full_path(pack):
    (pack / "__init__.py").write_text("")
    assert load_corpus("python-docs-labelled").ids[0] == "pack.topic._linear.fit_line"


def test_exported_names(pack):
    (pack / "_linear.py").write_text(EXPORTED)
    assert load_corpus("python-docs-labelled").ids == [
        "pack.topic.dense",
        "pack.data.Dataset",
        "pack.data.Dataset.batch",
        "pack.topic._linear.old",
    ]


def test_tests_and_files_that_do_not_parse_are_left_out(pack):
    text = 'def check():\n    """%s is one of eight words or more."""\n'
    for name in ("tests/check.py", "test_line.py", "line_test.py", "hypotests.py"):
        (pack / name).write_text(text % name)
    (pack / "template.py").write_text('class {{ name }}: """A template."""')
    ids = load_corpus("python-docs-labelled").ids
    assert len(ids) == 5
    assert "pack.topic.hypotests.check" in ids


def test_large_topic_is_cut(pack, monkeypatch):
    monkeypatch.setattr(python_docs_labelled, "LARGEST_CLASS", 2)
    corpus = load_corpus("python-docs-labelled")
    assert len(corpus) == 2
    assert corpus == load_corpus("python-docs-labelled")


def test_no_sources_at_all(monkeypatch):
    topics = {"absent_package.topic": "absent_package/topic"}
    monkeypatch.setattr(python_docs_labelled, "TOPICS", topics)
    with pytest.raises(InputError) as caught:
        load_corpus("python-docs-labelled")
    assert str(caught.value) == (
        "expected the Python sources of at least one of absent_package.topic (std: the "
        "standard library) for 'python-docs-labelled'; got none"
    )


@pytest.fixture(scope="module")
def installed() -> Corpus:
    python_docs_labelled._root.cache_clear()
    return load_corpus("python-docs-labelled")


def test_installed_packages_give_a_corpus_of_useful_size(installed):
    # 6,522 with the versions at hand; tkinter is not everywhere.
    assert 5_000 < len(installed) < 8_000
    counts = Counter(label for (label,) in installed.labels)
    assert 20 <= len(counts) <= 22
    assert set(counts) <= set(python_docs_labelled.TOPICS)
    # In 80 % of it, a query's 100 nearest documents can all have its label.
    assert min(counts.values()) >= 125
    assert max(counts.values()) <= 600


def test_installed_packages_give_distinct_documents(installed):
    assert len(set(installed.ids)) == len(installed)
    assert len({" ".join(text.lower().split()) for text in installed.texts}) == len(
        installed
    )
    assert min(len(text.split()) for text in installed.texts) >= 8
    assert not any(text.lstrip().startswith(">>>") for text in installed.texts)


def test_known_functions_are_found_under_their_names(installed):
    labels = dict(zip(installed.ids, installed.labels, strict=True))
    assert labels["scipy.optimize.minimize"] == ("scipy.optimize",)
    assert labels["sklearn.metrics.roc_auc_score"] == ("sklearn.metrics",)
    assert labels["keras.layers.Dense"] == ("keras.layers",)
    assert labels["tensorflow.data.Dataset.map"] == ("tensorflow.data",)
    assert labels["asyncio.tasks.wait_for"] == ("std.asyncio",)
