"""Reuters-21578, ModApte split, restricted to its 20 most frequent categories."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.data_dir import read_data_file, unavailable
from wish_tf.errors import InputError

NAME = "reuters"
FILE = "reuters21578.jsonl.gz"
CLASSES = 20


def load_reuters(data_dir: Path | None) -> Corpus:
    """Loads the news of the 20 most frequent of 90 categories.

    Documents keep only labels among these; a document left without any is dropped.
    Reads `reuters21578.jsonl.gz` in `data_dir`, or else asks NLTK (extra `nltk`), which
    downloads the corpus once.

    Raises:
        InputError: if neither works.
    """
    corpus = read_data_file(data_dir, {FILE: NAME}) or _download()
    if corpus.labels is None:
        raise InputError(
            f"expected documents with a field labels or label in {FILE}; got none"
        )
    return _most_frequent(corpus, corpus.labels, CLASSES)


def _most_frequent(
    corpus: Corpus, categories: Sequence[Sequence[str]], classes: int
) -> Corpus:
    counts = Counter(label for own in categories for label in own)
    # Of equally frequent categories the first by name is kept.
    kept = set(sorted(counts, key=lambda label: (-counts[label], label))[:classes])
    labels = [tuple(x for x in own if x in kept) for own in categories]
    restricted = Corpus(corpus.name, corpus.texts, labels, corpus.ids, corpus.official)
    return restricted.subset(index for index, own in enumerate(labels) if own)


def _download() -> Corpus:
    try:
        import nltk
        from nltk.corpus import reuters
    except ImportError as error:
        raise unavailable(
            NAME, FILE, "its downloader needs NLTK (pip install 'wish-tf[nltk]')"
        ) from error
    try:
        reuters.ensure_loaded()
    except LookupError as error:
        if not nltk.download("reuters", quiet=True):
            raise unavailable(NAME, FILE, "NLTK could not download it") from error
    # "training/NEWID" and "test/NEWID": in the order of publication within each part.
    ids = sorted(
        reuters.fileids(),
        key=lambda x: (x.startswith("test/"), int(x.split("/")[1])),
    )
    return Corpus(
        name=NAME,
        # NLTK's files keep the SGML entities of the original.
        texts=[html.unescape(reuters.raw(x)) for x in ids],
        labels=[tuple(reuters.categories(x)) for x in ids],
        ids=ids,
        official=["test" if x.startswith("test/") else "train" for x in ids],
    )
