"""20 Newsgroups, the version sorted by date, with headers."""

from __future__ import annotations

from pathlib import Path, PurePath

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.data_dir import read_data_file, unavailable

NAME = "20newsgroups"
FILE = "20newsgroups.jsonl.gz"


def load_newsgroups(data_dir: Path | None) -> Corpus:
    """Loads the 18,846 posts: the train set, then the test set, each by group and file.

    Reads `20newsgroups.jsonl.gz` in `data_dir`, or else asks scikit-learn, which
    downloads the corpus once.

    Raises:
        InputError: if neither works.
    """
    corpus = read_data_file(data_dir, {FILE: NAME}) or _download()
    official = corpus.official
    assert official is not None, "the split of each document is read with it"
    # One order for both sources, on which the reference split builds: scikit-learn's
    # before it shuffles.
    order = sorted(
        range(len(corpus)),
        key=lambda i: (official[i] != "train", corpus.ids[i].split("/")),
    )
    return corpus.subset(order)


def _download() -> Corpus:
    from sklearn.datasets import fetch_20newsgroups

    texts: list[str] = []
    labels: list[tuple[str, ...]] = []
    ids: list[str] = []
    official: list[str] = []
    for part in ("train", "test"):
        try:
            data = fetch_20newsgroups(subset=part, shuffle=False)
        except OSError as error:
            raise unavailable(
                NAME, FILE, f"scikit-learn could not download it ({error})"
            ) from error
        texts += data.data
        labels += [(data.target_names[target],) for target in data.target]
        ids += ["/".join((part, *PurePath(f).parts[-2:])) for f in data.filenames]
        official += [part] * len(data.data)
    return Corpus(NAME, texts, labels, ids, official)
