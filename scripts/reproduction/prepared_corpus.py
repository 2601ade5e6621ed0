from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from wish_tf.baselines import SentenceEncoder
from wish_tf.corpora import load_corpus, split_corpus
from wish_tf.vectorizer import fit_vectorizer


class PreparedCorpus:
    """The parts of a corpus and their tf-idf rows, made once for many runs.

    20 Newsgroups is split as by the paper's code, all others at random by seed 0.

    Args:
        name: of `wish_tf.corpora`.
        data_dir: folder with the corpora, or None for the environment's.
        documents: most documents, or None for all.
    """

    def __init__(self, name: str, data_dir: Path | None, documents: int | None):
        corpus = load_corpus(name, data_dir=data_dir, limit=documents)
        whole = name == "20newsgroups" and documents is None
        kind = "reference" if whole else "random"
        self.splits = split_corpus(corpus, kind)
        self.vectorizer, self.train = fit_vectorizer(self.splits.train.texts)
        self.validation = self.vectorizer.transform(self.splits.validation.texts)
        self.test = self.vectorizer.transform(self.splits.test.texts)

    @cached_property
    def similarity(self) -> np.ndarray:
        """tf-idf cosine of test and training documents, float16 [q, n]."""
        blocks = [
            (self.test[start : start + 256] @ self.train.T).toarray().astype(np.float16)
            for start in range(0, self.test.shape[0], 256)
        ]
        return np.concatenate(blocks)

    @cached_property
    def embeddings(self) -> dict[str, tuple[np.ndarray, float]]:
        """Of each part, the sentence encoder's embeddings, float32 [n, 384], and
        the seconds of processor time that they took: its share of that of all."""
        parts = {
            name: getattr(self.splits, name).texts
            for name in ("train", "validation", "test")
        }
        texts = [text for part in parts.values() for text in part]
        # What is loaded once for all texts is not the time of any.
        _, start = _embed(["load the weights"])
        found, seconds = _embed(texts)
        ends = np.cumsum([len(part) for part in parts.values()])
        return {
            name: (rows, max(seconds - start, 0) * len(rows) / len(texts))
            for name, rows in zip(parts, np.split(found, ends[:-1]), strict=True)
        }


def _embed(texts: Sequence[str]) -> tuple[np.ndarray, float]:
    started = _processor_seconds()
    found = SentenceEncoder.embed(texts)
    return found, _processor_seconds() - started


def _processor_seconds() -> float:
    """Processor time of this process and of those it has waited for."""
    times = os.times()
    return sum(times[:4])
