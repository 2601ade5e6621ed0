from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wish_tf.codes import codes_to_int
from wish_tf.corpora import Corpus
from wish_tf.hashed_texts import HashedTexts
from wish_tf.text_hasher import TextHasher
from wish_tf.types import Csr

SEED = 0


@dataclass(frozen=True)
class Documents:
    """One part of a corpus, or a sample of it, with its codes.

    Attributes:
        part: `"training"`, `"validation"` or `"test"`.
        corpus: the n documents that are looked at.
        hashed: their probabilities, and which have no known word.
        total: how many documents the part has.
    """

    part: str
    corpus: Corpus
    hashed: HashedTexts
    total: int

    @classmethod
    def of(cls, part: str, corpus: Corpus, hasher: TextHasher, most: int) -> Documents:
        """Hashes a part of a corpus.

        Args:
            part: its name.
            corpus: its documents.
            hasher: a trained hasher.
            most: of more documents a sample of this size is drawn, always the same.
        """
        total = len(corpus)
        if total > most:
            rng = np.random.default_rng(SEED)
            corpus = corpus.subset(np.sort(rng.choice(total, most, replace=False)))
        return cls(part, corpus, hasher.hash(corpus.texts), total)

    def __len__(self) -> int:
        return len(self.corpus)

    def subset(self, which: np.ndarray) -> Documents:
        """Returns the documents at positions int [m], in that order."""
        hashed = HashedTexts(
            self.hashed.probabilities[which], self.hashed.out_of_vocabulary[which]
        )
        return Documents(self.part, self.corpus.subset(which), hashed, self.total)

    @property
    def sampled(self) -> bool:
        """Whether these are not all documents of the part."""
        return len(self) < self.total

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The labels of each document; empty where it has none."""
        return self.corpus.labels or [()] * len(self)

    @property
    def codes(self) -> np.ndarray:
        """Codes, uint8 0/1 [n, bits]."""
        return self.hashed.bits

    @property
    def numbers(self) -> np.ndarray:
        """Codes as integers, uint64 [n]."""
        return codes_to_int(self.codes)

    def rows(self, hasher: TextHasher, which: np.ndarray) -> Csr:
        """Returns tf-idf rows, CSR float32 [m, vocabulary].

        Args:
            hasher: that of the codes.
            which: positions of the documents, int [m].
        """
        return hasher.rows([self.corpus.texts[place] for place in which])
