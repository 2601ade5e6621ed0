from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import LatentDirichletAllocation

from wish_tf.baselines.topic_model import TopicModel
from wish_tf.types import Csr

PASSES = 20


class LDA(TopicModel):
    """Latent Dirichlet allocation with a topic a bit, cut at medians.

    The paper (Fig. 3) says neither which inference nor which threshold it used; this
    is batch variational Bayes with scikit-learn's priors, on counts of words: tf-idf
    over idf, where the least count of a text is taken to be 1.

    Reference: Blei, Ng and Jordan, "Latent Dirichlet allocation", JMLR 2003.
    """

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        texts_with = np.bincount(rows.indices, minlength=rows.shape[1])
        # As of TfidfVectorization.
        self._idf = np.log((1 + rows.shape[0]) / (1 + texts_with)) + 1
        super()._fit(rows, validation_rows)

    def _new(self) -> LatentDirichletAllocation:
        return LatentDirichletAllocation(
            self.bits, max_iter=PASSES, random_state=self.seed
        )

    def _input(self, rows: Csr) -> Csr:
        return word_counts(rows, self._idf)


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
