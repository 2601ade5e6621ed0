from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.naming.naming_words import NamingSettings, NamingWords
from wish_tf.types import Csr


@dataclass(frozen=True)
class TopicWords:
    """The words of each bit, the one that tells most about it first.

    Attributes:
        numbers: of the words, int64 [bits, words]; -1 where there is none.
        tells: p(word | on) - p(word | off), float64 [bits, words]; 0 where there is
            none.
    """

    numbers: np.ndarray
    tells: np.ndarray


def topic_words(
    rows: Csr,
    codes: ArrayLike,
    clusters: np.ndarray | None = None,
    settings: NamingSettings | None = None,
) -> TopicWords:
    """Returns the words that name bits: one rule for codes of any method.

    A word counts by its presence. It belongs to the one bit that it tells most about,
    by p(word | on) - p(word | off), and must tell a bit of information about the
    cluster of a text that holds it.

    Args:
        rows: tf-idf rows of the texts, CSR [n, vocabulary].
        codes: theirs, 0/1 [n, bits].
        clusters: of the texts, from 0 to k - 1, none empty, int [n]; each of one
            code. By default texts of one code are a cluster.
        settings: which words can name a topic, and how many are shown.

    Examples:
        >>> from scipy.sparse import csr_array
        >>> rows = csr_array([[1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 1]])
        >>> topic_words(rows, [[1], [1], [0], [0]]).numbers[0, :2]
        array([ 0, -1])
    """
    settings = settings or NamingSettings()
    codes = np.asarray(codes)
    if clusters is None:
        _, clusters = np.unique(codes, axis=0, return_inverse=True)
        clusters = clusters.ravel()
    of_clusters = np.zeros((clusters.max() + 1, codes.shape[1]), codes.dtype)
    of_clusters[clusters] = codes
    words = NamingWords(rows, clusters, settings)
    return strongest(words, of_clusters, settings.words)


def strongest(words: NamingWords, on: np.ndarray, count: int) -> TopicWords:
    """Returns the words of bits, given which clusters have them on.

    Args:
        words: that can name topics.
        on: 0/1 [k, bits].
        count: words of a bit.
    """
    telling = words.telling(on)
    bits = len(telling)
    numbers = np.full((bits, count), -1)
    tells = np.zeros((bits, count))
    if telling.shape[1]:
        own = telling.argmax(axis=0)
        for bit in range(bits):
            mine = np.flatnonzero((own == bit) & (telling[bit] > 0))
            order = mine[np.argsort(-telling[bit, mine], kind="stable")][:count]
            numbers[bit, : len(order)] = words.numbers[order]
            tells[bit, : len(order)] = telling[bit, order]
    return TopicWords(numbers, tells)
