"""What topic models make of the same texts: the bar for bits that are topics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF, LatentDirichletAllocation

from wish_tf.codes import NAMED_BITS
from wish_tf.errors import InputError
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.types import Csr

WORDS = 10
# What each is called, and how long it is fitted.
KINDS: dict[str, tuple[Any, int]] = {
    "lda": (LatentDirichletAllocation, 20),
    "nmf": (NMF, 400),
}


class TopicModel:
    """A topic model of scikit-learn whose topics stand for bits.

    `"lda"` is latent Dirichlet allocation by batch variational Bayes on counts of
    words: tf-idf over idf, where the least count of a text is taken to be 1. `"nmf"` is
    non-negative matrix factorisation of tf-idf rows by coordinate descent.

    Args:
        kind: `"lda"` or `"nmf"`.
        topics: how many.
        seed: of the training.
    """

    def __init__(self, kind: str, topics: int, seed: int = 0):
        self.kind = kind
        model, rounds = KINDS[kind]
        self._model = model(topics, max_iter=rounds, random_state=seed)

    def fit(self, rows: Csr) -> TopicModel:
        """Learns from tf-idf rows, CSR [n, vocabulary]; empty ones teach nothing."""
        rows = rows[np.diff(rows.indptr) > 0]
        if not rows.shape[0]:
            raise InputError("expected texts with known words; got none")
        texts_with = np.bincount(rows.indices, minlength=rows.shape[1])
        # As of TfidfVectorization.
        self._idf = np.log((1 + rows.shape[0]) / (1 + texts_with)) + 1
        self._model.fit(self._input(rows))
        self._weights = self.weights(rows)
        return self

    def weights(self, rows: Csr) -> NDArray[np.floating]:
        """Returns the weight of each topic in each text, float [n, topics]."""
        return np.asarray(self._model.transform(self._input(rows)))

    def codes(self, rows: Csr, share_on: float = 0.5) -> NDArray[np.uint8]:
        """Returns which topics are on in texts, uint8 0/1 [n, topics].

        Args:
            rows: of the texts.
            share_on: a topic is on where its weight is among the heaviest of the
                training texts, in as large a share of them; in fewer where more of them
                have a weight of 0.
        """
        least = np.quantile(self._weights, 1 - share_on, axis=0)
        return (self.weights(rows) > least).astype(np.uint8)

    def words(self, count: int) -> NDArray[np.int64]:
        """Returns the words of most weight in each topic, int [topics, count]."""
        order = np.argsort(-self._model.components_, axis=1, kind="stable")
        return order[:, :count]

    def _input(self, rows: Csr) -> Csr:
        return word_counts(rows, self._idf) if self.kind == "lda" else rows


def word_counts(rows: Csr, idf: NDArray[np.floating]) -> Csr:
    """Returns how often each word is in each text, of which some word is there once.

    Args:
        rows: tf-idf rows, CSR [n, vocabulary].
        idf: of each word, [vocabulary].
    """
    counts = rows.astype(np.float64)
    counts.data /= idf[counts.indices]
    words = np.diff(counts.indptr)
    least = np.minimum.reduceat(counts.data, counts.indptr[:-1][words > 0])
    counts.data /= np.repeat(least, words[words > 0])
    return counts


def topic_models(
    yardstick: Yardstick, bits: int, share_on: float, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Trains LDA and NMF, and measures their topics as if they were bits.

    Args:
        yardstick: of the texts; the models are trained on its database.
        bits: how many topics; no more than eight are made.
        share_on: a topic is on in its heaviest share of the texts, as large as this.
        seed: of the trainings.

    Returns:
        What `Yardstick.topics` returns, of each model by its own words, those of most
        weight (`"lda"`, `"nmf"`), and by the words of `wish_tf.naming.topic_words`
        (`"lda, told"`, `"nmf, told"`).
    """
    measured = {}
    for kind in KINDS:
        model = TopicModel(kind, min(bits, NAMED_BITS), seed).fit(yardstick.rows)
        known = model.codes(yardstick.rows, share_on)
        asked = model.codes(yardstick.query_rows, share_on)
        measured[kind] = yardstick.topics(known, asked, words=model.words(WORDS))
        measured[f"{kind}, told"] = yardstick.topics(known, asked)
    return measured
