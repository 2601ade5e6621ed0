"""The source of a report, with other labels or other codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from wish_tf.corpora import Corpus
from wish_tf.hashed_texts import HashedTexts
from wish_tf.report.source import Documents, Source


def relabelled(source: Source, label: Callable[[int, tuple], tuple] | None) -> Source:
    """Returns it with the labels that a function gives to each number and labels, or
    without labels."""

    def changed(documents: Documents) -> Documents:
        labels = None
        if label is not None:
            given = enumerate(documents.corpus.labels)
            labels = [label(number, own) for number, own in given]
        return replace(documents, corpus=replace(documents.corpus, labels=labels))

    return _each(source, changed)


def recoded(source: Source, code: Callable[[np.ndarray], np.ndarray]) -> Source:
    """Returns it with the probabilities that a function makes of those it has."""

    def changed(documents: Documents) -> Documents:
        hashed = documents.hashed
        probabilities = code(hashed.probabilities.copy())
        return replace(
            documents, hashed=HashedTexts(probabilities, hashed.out_of_vocabulary)
        )

    return _each(source, changed)


def cut_to(source: Source, most: int) -> Source:
    """Returns it with the first documents of each part."""

    def changed(documents: Documents) -> Documents:
        hashed = documents.hashed
        cut = HashedTexts(hashed.probabilities[:most], hashed.out_of_vocabulary[:most])
        corpus = documents.corpus.subset(np.arange(most))
        return replace(documents, corpus=corpus, hashed=cut)

    return _each(source, changed)


def _each(source: Source, changed: Callable[[Documents], Documents]) -> Source:
    return replace(
        source,
        train=changed(source.train),
        validation=changed(source.validation),
        test=changed(source.test),
    )


def labelled(codes: np.ndarray, labels: list[tuple]) -> Documents:
    """Returns documents of one word each, with codes and labels."""
    n = len(codes)
    corpus = Corpus("planted", ["x"] * n, labels, [str(i) for i in range(n)])
    hashed = HashedTexts(codes.astype(np.float32), np.zeros(n, bool))
    return Documents("training", corpus, hashed, n)
