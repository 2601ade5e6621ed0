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
        words: word numbers, int [topics, m], m >= 2.
        rows: documents, CSR [n, vocabulary], nonzero where a word is.

    Returns:
        The coherence of each topic, float64 [topics].

    Raises:
        InputError: if topics have fewer than two words.

    Examples:
        Words 0 and 1 are only met together, words 0 and 2 never:

        >>> from scipy.sparse import csr_array
        >>> rows = csr_array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
        >>> topic_coherence([[0, 1], [0, 2]], rows).round(6)
        array([ 1., -1.])
    """
    words = np.asarray(words)
    if words.ndim != 2 or words.shape[1] < 2:
        raise InputError(
            f"expected topics of at least two words each; got shape {words.shape}"
        )
    n = rows.shape[0]
    present = rows.tocsc()[:, words.ravel()]
    present.data = np.ones_like(present.data)
    result = np.empty(len(words))
    first, second = np.triu_indices(words.shape[1], 1)
    for topic in range(len(words)):
        block = present[:, topic * words.shape[1] : (topic + 1) * words.shape[1]]
        share = (block.T @ block).toarray() / n
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
