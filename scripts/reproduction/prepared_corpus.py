from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from baselines import SentenceEncoder
from wish_tf.corpora import Splits, load_corpus, split_corpus
from wish_tf.layers import TfidfVectorization
from wish_tf.metrics.yardstick import Yardstick


class PreparedCorpus:
    """The parts of a corpus and their tf-idf rows, made once for many runs.

    Args:
        splits: its parts.
    """

    def __init__(self, splits: Splits):
        self.splits = splits
        self.vectorization = TfidfVectorization()
        self.train = self.vectorization.adapt(splits.train.texts)
        self.validation = self.vectorization.rows(splits.validation.texts)
        self.test = self.vectorization.rows(splits.test.texts)

    @classmethod
    def load(
        cls, name: str, data_dir: Path | None, documents: int | None = None
    ) -> PreparedCorpus:
        """Reads a corpus.

        20 Newsgroups is split as by the paper's code, others at random by seed 0.

        Args:
            name: of `wish_tf.corpora`; `NAME@8` is NAME with the first 8 words of each
                text, about a title.
            data_dir: folder with the corpora, or None for the environment's.
            documents: most documents, or None for all.
        """
        cut = re.fullmatch(r"(.+)@(\d+)", name)
        corpus = load_corpus(
            cut[1] if cut else name, data_dir=data_dir, limit=documents
        )
        if cut:
            short = [" ".join(text.split()[: int(cut[2])]) for text in corpus.texts]
            corpus = replace(corpus, texts=short)
        whole = name == "20newsgroups" and documents is None
        return cls(split_corpus(corpus, "reference" if whole else "random"))

    @cached_property
    def yardsticks(self) -> dict[str, Yardstick]:
        """What codes are measured by, of the parts that are not trained on."""
        return {
            name: Yardstick(
                self.train,
                getattr(self, name),
                self.splits.train.labels,
                getattr(self.splits, name).labels,
            )
            for name in ("validation", "test")
        }

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
