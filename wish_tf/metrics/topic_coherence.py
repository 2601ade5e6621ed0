"""Whether the words of a topic are met in the same documents."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wish_tf.errors import InputError
from wish_tf.types import Csr


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

        >>> from scipy.sparse import csr_array
        >>> rows = csr_array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
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
