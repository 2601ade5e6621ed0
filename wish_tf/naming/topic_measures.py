"""Whether bits are topics, whose words are met in the same documents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.metrics import roc_auc_score

from wish_tf.errors import InputError
from wish_tf.types import Csr


@dataclass(frozen=True)
class TopicMeasures:
    """Whether bits are topics that their words name.

    Attributes:
        coherence: NPMI of the words of each bit, float64 [bits]
            (`wish_tf.metrics.topic_coherence`).
        diversity: share of distinct words among the places for words (Dieng, Ruiz and
            Blei, "Topic modeling in embedding spaces", 2020). A place without a word
            counts as one that is taken twice.
        fidelity: area under the ROC curve of the number of a bit's words in a text
            against the bit, float64 [bits]: the chance that a text with the bit has
            more of them than one without it. 1/2 where the bit is the same in all
            texts.
        share_on: share of the texts in which each bit is on, float64 [bits].
        correlation: the largest absolute correlation between two bits; 0 without a
            pair of bits that differ between texts.
    """

    coherence: NDArray[np.float64]
    diversity: float
    fidelity: NDArray[np.float64]
    share_on: NDArray[np.float64]
    correlation: float

    @property
    def readability(self) -> float:
        """Mean coherence times diversity."""
        return float(self.coherence.mean() * self.diversity)


def topic_measures(
    words: NDArray[np.integer], codes: NDArray[np.uint8], rows: Csr
) -> TopicMeasures:
    """Returns what bits are worth as topics that words name.

    Args:
        words: word numbers of each bit, int [bits, m], m >= 2; -1 where there is none.
        codes: of n >= 1 texts, 0/1 [n, bits].
        rows: these texts, CSR [n, vocabulary], nonzero where a word is.

    Raises:
        InputError: as `topic_coherence`.

    Examples:
        Words 0 and 1 tell bit 0, which is on where they are; bit 1 has no words:

        >>> rows = sparse.csr_array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]])
        >>> codes = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
        >>> found = topic_measures(np.array([[0, 1], [-1, -1]]), codes, rows)
        >>> found.readability, found.fidelity, found.correlation
        (0.25, array([1. , 0.5]), 0.0)
    """
    coherence = topic_coherence(words, rows)
    bit, place = np.nonzero(words >= 0)
    named = words[bit, place]
    # Whether a word is one of a bit's, [vocabulary, bits].
    of_bit = sparse.csr_array(
        (np.ones(len(bit), np.int64), (named, bit)), (rows.shape[1], len(words))
    )
    present = sparse.csr_array(rows)
    present.data = np.ones(present.nnz, np.int64)
    counts = (present @ of_bit).toarray()
    share_on = codes.mean(axis=0)
    fidelity = np.full(len(words), 0.5)
    varied = np.flatnonzero((share_on > 0) & (share_on < 1))
    for one in varied:
        fidelity[one] = roc_auc_score(codes[:, one], counts[:, one])
    correlations = np.abs(np.atleast_2d(np.corrcoef(codes[:, varied].T)))
    return TopicMeasures(
        coherence,
        len(np.unique(named)) / words.size,
        fidelity,
        share_on,
        float(np.triu(correlations, 1).max()) if len(varied) > 1 else 0.0,
    )


def topic_coherence(words: ArrayLike, rows: Csr) -> NDArray[np.float64]:
    """Normalised pointwise mutual information of the words of topics.

    For two words that are in the shares p and q of the documents, and both in the
    share r, it is `log(r / (p q)) / -log(r)`: 1 for words that are only met
    together, 0 for independent ones, -1 for ones that never meet (Bouma, 2009). A
    topic's coherence is the mean over the pairs of its words (Lau, Newman and
    Baldwin, 2014), with whole documents as windows.

    Args:
        words: word numbers, int [topics, m], m >= 2; -1 where there is no word.
        rows: documents, CSR [n, vocabulary], nonzero where a word is.

    Returns:
        The coherence of each topic, float64 [topics]; 0 of one with fewer than two
        words.

    Raises:
        InputError: if topics have fewer than two words, or a word has no column.

    Examples:
        Words 0 and 1 are only met together, words 0 and 2 never:

        >>> rows = sparse.csr_array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
        >>> topic_coherence([[0, 1], [0, 2]], rows).round(6)
        array([ 1., -1.])
    """
    words = np.asarray(words)
    if words.ndim != 2 or words.shape[1] < 2 or words.dtype.kind not in "ui":
        raise InputError(
            "expected topics of at least two word numbers each; got "
            f"{words.dtype} of shape {words.shape}"
        )
    n, vocabulary = rows.shape
    wrong = (words < -1) | (words >= vocabulary)
    if wrong.any():
        raise InputError(
            f"expected word numbers from 0 to {vocabulary - 1}; got {words[wrong][0]}"
        )
    columns = rows.tocsc()
    result = np.zeros(len(words))
    for topic, there in enumerate(words >= 0):
        block = columns[:, words[topic, there]]
        block.data = np.ones_like(block.data)
        share = (block.T @ block).toarray() / n
        first, second = np.triu_indices(len(share), 1)
        if not len(first):
            continue
        alone, both = np.diag(share), share[first, second]
        met = both > 0
        values = np.full(len(both), -1.0)
        independent = alone[first] * alone[second]
        # Where both are in every document, the limit of the quotient is 1.
        information = np.log(both[met] / independent[met])
        most = -np.log(both[met])
        values[met] = np.divide(
            information, most, out=np.ones_like(most), where=most > 0
        )
        result[topic] = values.mean()
    return result
