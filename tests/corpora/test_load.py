from __future__ import annotations

import gzip
import json
import subprocess
import sys
import urllib.error
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from wish_tf.corpora import BUILT_IN, Fields, load_corpus
from wish_tf.errors import InputError

HOW = "pass --data-dir (data_dir=) or set WISH_TF_DATA to a folder that holds"


@pytest.fixture
def no_data(monkeypatch):
    """No folder of corpora, whatever the machine has."""
    monkeypatch.delenv("WISH_TF_DATA", raising=False)


def write_corpus(path: Path, *records: dict) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(lines.encode()))


def record(name: str, *labels: str, split: str = "train") -> dict:
    return {
        "id": f"{split}/{name}",
        "text": f"text of {name}",
        "labels": labels,
        "split": split,
    }


def needs(data_dir: Path, file: str) -> Path:
    if not (data_dir / file).is_file():
        pytest.skip(f"needs {file}")
    return data_dir


def message(*args, **options) -> str:
    with pytest.raises(InputError) as caught:
        load_corpus(*args, **options)
    return str(caught.value)


# Files


def test_file_is_named_after_its_stem(tmp_path):
    path = tmp_path / "My.news.jsonl.gz"
    write_corpus(path, record("a", "x"))
    corpus = load_corpus(str(path))
    assert corpus.name == "My.news"
    assert corpus.labels == [("x",)]
    assert corpus.official is None


def test_extension_in_capitals(tmp_path):
    path = tmp_path / "A.CSV"
    path.write_text("body,topic\none,red\n")
    corpus = load_corpus(path, fields=Fields("body", label="topic"))
    assert (corpus.texts, corpus.labels) == (["one"], [("red",)])


def test_limit_is_a_random_sample_in_the_order_of_the_corpus(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{number}\n" for number in range(1000)))
    numbers = [int(text) for text in load_corpus(path, limit=100).texts]
    assert len(numbers) == len(set(numbers)) == 100
    assert numbers == sorted(numbers)
    assert max(numbers) > 900
    assert numbers == [int(text) for text in load_corpus(path, limit=100).texts]
    assert len(load_corpus(path, limit=5000)) == 1000


def test_limit_below_one_is_refused(tmp_path):
    assert message("python-docs-labelled", limit=0) == (
        "expected a limit of at least 1 document; got 0"
    )


def test_missing_file_lists_the_built_in_corpora():
    assert message("nowhere.txt") == (
        "expected a file, or a built-in corpus: python-docs, python-docs-labelled, "
        "20newsgroups, reuters, agnews, tmc; got 'nowhere.txt', which is neither"
    )


def test_unsupported_extension_lists_those_supported(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK")
    assert message(path) == (
        "expected a file that ends in .txt, .jsonl, .ndjson, .csv, .tsv, .parquet, all "
        "but the last also with .gz or .zst after it, or that its kind is said; got "
        f"'{path}'"
    )


def test_field_of_a_source_without_fields_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n")
    for fields in (Fields(text="body"), Fields(label="topic"), Fields(id="key")):
        assert message(path, fields=fields) == (
            "expected files with fields, where a field is chosen; got lines of text, "
            f"'{path}'"
        )
        assert message("reuters", fields=fields) == (
            "expected files, where fields are chosen; got 'reuters'"
        )


# Built-in corpora from a folder


def test_environment_variable_names_the_folder(tmp_path, monkeypatch):
    write_corpus(tmp_path / "tmc.jsonl.gz", record("1", "a", "b"))
    monkeypatch.setenv("WISH_TF_DATA", str(tmp_path))
    corpus = load_corpus("tmc")
    assert corpus.name == "tmc"
    assert corpus.labels == [("a", "b")]
    assert corpus.official == ["train"]


def test_argument_goes_before_the_environment_variable(tmp_path, monkeypatch):
    write_corpus(tmp_path / "tmc.jsonl.gz", record("1", "a"))
    monkeypatch.setenv("WISH_TF_DATA", str(tmp_path / "absent"))
    assert len(load_corpus("tmc", data_dir=tmp_path)) == 1


def test_folder_that_does_not_exist_is_refused(tmp_path, monkeypatch):
    absent = str(tmp_path / "absent")
    assert message("tmc", data_dir=absent) == (
        f"expected the data directory to be a folder; got '{absent}'"
    )
    monkeypatch.setenv("WISH_TF_DATA", absent)
    assert message("tmc") == f"expected WISH_TF_DATA to be a folder; got '{absent}'"


@pytest.mark.parametrize(
    ("corpus", "full", "other", "other_name"),
    [
        ("agnews", "agnews.jsonl.gz", "agnews_partial.jsonl.gz", "agnews-partial"),
        ("tmc", "tmc.jsonl.gz", "tmc2007_500words.jsonl.gz", "tmc-500words"),
    ],
)
def test_full_file_is_preferred_and_the_other_says_its_name(
    tmp_path, corpus, full, other, other_name
):
    write_corpus(tmp_path / other, record("other", "a"))
    loaded = load_corpus(corpus, data_dir=tmp_path)
    assert (loaded.name, loaded.ids) == (other_name, ["train/other"])
    write_corpus(tmp_path / full, record("full", "a"))
    loaded = load_corpus(corpus, data_dir=tmp_path)
    assert (loaded.name, loaded.ids) == (corpus, ["train/full"])


def test_newsgroups_are_in_the_order_of_part_group_and_file(tmp_path):
    write_corpus(
        tmp_path / "20newsgroups.jsonl.gz",
        record("b/1", "b", split="test"),
        record("b/9", "b"),
        record("b/10", "b"),
        record("a/2", "a"),
    )
    corpus = load_corpus("20newsgroups", data_dir=tmp_path)
    # File names are compared as strings: 10 before 9.
    assert corpus.ids == ["train/a/2", "train/b/10", "train/b/9", "test/b/1"]


def test_reuters_keeps_20_categories_and_drops_documents_of_none(tmp_path):
    records = [record(f"1{i:02}", f"c{i:02}") for i in range(1, 20)]
    records += [record(f"2{i:02}", f"c{i:02}") for i in range(1, 20)]
    # The 20th place is shared by c20 and c21: the first by name has it.
    records += [record("300", "c21"), record("301", "c20"), record("302", "c05", "c22")]
    write_corpus(tmp_path / "reuters21578.jsonl.gz", *records)
    corpus = load_corpus("reuters", data_dir=tmp_path)
    counts = Counter(label for labels in corpus.labels for label in labels)
    assert counts == {**{f"c{i:02}": 2 for i in range(1, 20)}, "c05": 3, "c20": 1}
    assert "train/300" not in corpus.ids
    assert corpus.labels[corpus.ids.index("train/302")] == ("c05",)


def test_reuters_without_categories_is_refused(tmp_path):
    path = tmp_path / "reuters21578.jsonl.gz"
    write_corpus(path, {"id": "1", "text": "wheat", "split": "train"})
    with pytest.raises(InputError) as refused:
        load_corpus("reuters", data_dir=tmp_path)
    assert str(refused.value) == (
        "expected documents with a field labels or label in reuters21578.jsonl.gz; got "
        "none"
    )


# The real files


def test_real_newsgroups(data_dir):
    corpus = load_corpus(
        "20newsgroups", data_dir=needs(data_dir, "20newsgroups.jsonl.gz")
    )
    assert Counter(corpus.official) == {"train": 11_314, "test": 7_532}
    assert len({label for (label,) in corpus.labels}) == 20
    assert corpus.ids[0] == "train/alt.atheism/49960"


def test_real_reuters(data_dir):
    corpus = load_corpus("reuters", data_dir=needs(data_dir, "reuters21578.jsonl.gz"))
    counts = Counter(label for labels in corpus.labels for label in labels)
    assert len(counts) == 20
    assert [label for label, _ in counts.most_common(3)] == ["earn", "acq", "money-fx"]
    assert all(corpus.labels)
    assert len(corpus) < 10_789


# Downloaders


def test_tmc_has_no_downloader(no_data):
    assert message("tmc") == (
        f"the corpus 'tmc' is not available: it has no downloader; {HOW} tmc.jsonl.gz "
        "or tmc2007_500words.jsonl.gz"
    )


def test_newsgroups_from_scikit_learn_equal_those_from_the_file(
    no_data, tmp_path, monkeypatch
):
    posts = {
        "train": [("b", "9"), ("a", "2"), ("b", "10")],
        "test": [("b", "1")],
    }

    def fetch(subset, shuffle):
        assert not shuffle
        return SimpleNamespace(
            data=[f"text of {group}/{file}" for group, file in posts[subset]],
            target=np.array(["ab".index(group) for group, _ in posts[subset]]),
            target_names=["a", "b"],
            filenames=np.array(
                [f"/cache/20news-bydate-{subset}/{g}/{f}" for g, f in posts[subset]]
            ),
        )

    monkeypatch.setattr("sklearn.datasets.fetch_20newsgroups", fetch)
    downloaded = load_corpus("20newsgroups")
    write_corpus(
        tmp_path / "20newsgroups.jsonl.gz",
        *(
            record(f"{group}/{file}", group, split=part)
            for part, names in posts.items()
            for group, file in names
        ),
    )
    assert downloaded == load_corpus("20newsgroups", data_dir=tmp_path)
    assert downloaded.labels == [("a",), ("b",), ("b",), ("b",)]


def test_newsgroups_offline(no_data, monkeypatch):
    def fetch(**_):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("sklearn.datasets.fetch_20newsgroups", fetch)
    assert message("20newsgroups") == (
        "the corpus '20newsgroups' is not available: scikit-learn could not download "
        f"it (<urlopen error no network>); {HOW} 20newsgroups.jsonl.gz"
    )


@pytest.mark.parametrize(
    ("corpus", "module", "library", "extra", "file"),
    [
        ("reuters", "nltk", "NLTK", "nltk", "reuters21578.jsonl.gz"),
        (
            "agnews",
            "tensorflow_datasets",
            "TensorFlow Datasets",
            "tfds",
            "agnews.jsonl.gz",
        ),
    ],
)
def test_missing_package_names_its_extra(
    no_data, monkeypatch, corpus, module, library, extra, file
):
    monkeypatch.setitem(sys.modules, module, None)
    assert message(corpus) == (
        f"the corpus '{corpus}' is not available: its downloader needs {library} (pip "
        f"install 'wish-tf[{extra}]'); {HOW} {file}"
    )


class FakeReuters:
    """What is used of nltk.corpus.reuters."""

    news = {  # noqa: RUF012
        "test/3": ("A &lt;B> C", ["earn", "trade"]),
        "training/10": ("ten", ["earn"]),
        "training/9": ("nine", ["trade"]),
    }

    def __init__(self, installed):
        self.installed = installed

    def ensure_loaded(self):
        if not self.installed:
            raise LookupError("Resource reuters not found")

    def fileids(self):
        return list(self.news)

    def raw(self, file):
        return self.news[file][0]

    def categories(self, file):
        return self.news[file][1]


def fake_nltk(monkeypatch, *, installed: bool) -> None:
    nltk, corpus = ModuleType("nltk"), ModuleType("nltk.corpus")
    nltk.corpus = corpus
    nltk.download = lambda name, quiet: False
    corpus.reuters = FakeReuters(installed)
    monkeypatch.setitem(sys.modules, "nltk", nltk)
    monkeypatch.setitem(sys.modules, "nltk.corpus", corpus)


def test_reuters_from_nltk(no_data, monkeypatch):
    fake_nltk(monkeypatch, installed=True)
    corpus = load_corpus("reuters")
    assert corpus.ids == ["training/9", "training/10", "test/3"]
    assert corpus.texts == ["nine", "ten", "A <B> C"]
    assert corpus.labels == [("trade",), ("earn",), ("earn", "trade")]
    assert corpus.official == ["train", "train", "test"]


def test_reuters_offline(no_data, monkeypatch):
    fake_nltk(monkeypatch, installed=False)
    assert message("reuters") == (
        "the corpus 'reuters' is not available: NLTK could not download it; "
        f"{HOW} reuters21578.jsonl.gz"
    )


def fake_tfds(monkeypatch, load) -> None:
    tfds = ModuleType("tensorflow_datasets")
    tfds.load = load
    tfds.as_numpy = iter
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", tfds)


def test_agnews_from_tensorflow_datasets(no_data, monkeypatch):
    news = {
        "train": [("Win", "A na\u00efve team.", 1), ("Bank", "Shares.", 2)],
        "test": [("Vote", "A poll.", 0)],
    }

    def load(name, split, with_info):
        assert (name, with_info) == ("ag_news_subset", True)
        label = SimpleNamespace(names=["World", "Sports", "Business", "Sci/Tech"])
        data = [
            {"title": t.encode(), "description": d.encode(), "label": np.int64(x)}
            for t, d, x in news[split]
        ]
        return data, SimpleNamespace(features={"label": label})

    fake_tfds(monkeypatch, load)
    corpus = load_corpus("agnews")
    assert corpus.name == "agnews"
    assert corpus.texts == ["Win\nA naïve team.", "Bank\nShares.", "Vote\nA poll."]
    assert corpus.labels == [("Sports",), ("Business",), ("World",)]
    assert corpus.ids == ["train/1", "train/2", "test/1"]
    assert corpus.official == ["train", "train", "test"]


def test_agnews_offline(no_data, monkeypatch):
    def load(*_, **__):
        raise ConnectionError("no network")

    fake_tfds(monkeypatch, load)
    assert message("agnews") == (
        "the corpus 'agnews' is not available: TensorFlow Datasets could not download "
        f"it (ConnectionError); {HOW} agnews.jsonl.gz"
    )


# The package


def test_built_in_names():
    assert list(BUILT_IN) == [
        "python-docs",
        "python-docs-labelled",
        "20newsgroups",
        "reuters",
        "agnews",
        "tmc",
    ]


def test_import_is_light():
    code = (
        "import sys, wish_tf.corpora; "
        "print({'tensorflow', 'sklearn', 'scipy', 'nltk'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"
