from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import scipy.sparse

from wish_tf.settings import Count, Range, Settings, Share, Weight
from wish_tf.types import Csr


@dataclass(frozen=True)
class NamingSettings(Settings):
    """Which words can name a topic.

    Attributes:
        words: shown of a topic; exports have places for ten.
        least_share: least share of the texts that hold the word.
        most_share: largest share of the texts that hold it.
        fewest_texts: least number of texts that hold it.
        told: nats that a word must tell about the cluster of a text that holds it;
            ln 2 is one bit. This is a stop list that a corpus makes for itself.
        candidates: words at least, however little they tell.
        at_most: and no more than so many, those that tell most in all their texts.
    """

    words: Annotated[int, Range(1, 10)] = 10
    least_share: Share = 0.004
    most_share: Share = 0.5
    fewest_texts: Count = 2
    told: Weight = math.log(2)
    candidates: Count = 400
    at_most: Count = 600


class NamingWords:
    """The words that can name topics of clusters of texts, and where they are.

    Args:
        rows: tf-idf rows, CSR [n, vocabulary], nonzero where a word is.
        clusters: of the texts, from 0 to k - 1, none empty, int [n].
        settings: which words.

    Attributes:
        numbers: of the words, int [m].
        counts: texts of each cluster with each word, float64 [k, m].
        sizes: texts of each cluster, float64 [k].
    """

    def __init__(
        self,
        rows: Csr,
        clusters: np.ndarray,
        settings: NamingSettings | None = None,
    ):
        settings = settings or NamingSettings()
        n = rows.shape[0]
        self.sizes = np.bincount(clusters).astype(np.float64)
        members = scipy.sparse.csr_array(
            (np.ones(n, np.float32), (clusters, np.arange(n))), (len(self.sizes), n)
        )
        present = scipy.sparse.csr_array(rows)
        present.data = np.ones_like(present.data, np.float32)
        holding = np.asarray(present.sum(axis=0)).ravel()
        least = max(settings.fewest_texts, settings.least_share * n)
        found = np.flatnonzero(
            (holding >= least) & (holding <= settings.most_share * n)
        )
        counts = (members @ present[:, found]).toarray().astype(np.float64)
        told = _told(counts, self.sizes)
        kept = told >= settings.told
        if kept.sum() < settings.candidates:
            kept[np.argsort(-told, kind="stable")[: settings.candidates]] = True
        if kept.sum() > settings.at_most:
            weight = np.where(kept, told * holding[found], -np.inf)
            kept[np.argsort(-weight, kind="stable")[settings.at_most :]] = False
        self.numbers, self.counts = found[kept], counts[:, kept]
        self._present = present[:, self.numbers]

    def telling(self, on: np.ndarray) -> np.ndarray:
        """Returns p(word | on) - p(word | off), float64 [bits, m].

        It is -1 for a bit that is on for all texts or for none.

        Args:
            on: which clusters have a bit on, 0/1 [k, bits].
        """
        on = np.asarray(on, np.float64).T
        texts, with_word = (on @ self.sizes)[:, np.newaxis], on @ self.counts
        others = self.sizes.sum() - texts
        split = (texts > 0) & (others > 0)
        return np.where(
            split,
            with_word / np.maximum(texts, 1)
            - (self.counts.sum(axis=0) - with_word) / np.maximum(others, 1),
            -1,
        )

    @cached_property
    def together(self) -> np.ndarray:
        """The share of the texts with both words of each pair, float32 [m, m]."""
        both = (self._present.T @ self._present).toarray()
        return (both / self.sizes.sum()).astype(np.float32)

    @cached_property
    def coherence(self) -> np.ndarray:
        """The NPMI of each pair of words, 0 of a word and itself, float32 [m, m]
        (see `wish_tf.metrics.topic_coherence`)."""
        both = self.together.astype(np.float64)
        alone = np.diag(both)
        with np.errstate(divide="ignore", invalid="ignore"):
            npmi = np.log(both / np.outer(alone, alone)) / -np.log(both)
        npmi[~np.isfinite(npmi)] = -1
        np.fill_diagonal(npmi, 0)
        return npmi.astype(np.float32)


def _told(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Returns the nats that each word tells about the cluster, [m].

    KL(p(cluster | word) || p(cluster)), less what chance makes of it.
    """
    holding = counts.sum(axis=0)
    share = counts / holding
    prior = (sizes / sizes.sum())[:, np.newaxis]
    logs = np.log(np.where(share > 0, share, 1) / prior)
    return (share * logs).sum(axis=0) - (len(sizes) - 1) / (2 * holding)
