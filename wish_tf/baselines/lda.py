from __future__ import annotations

import numpy as np
from sklearn.decomposition import LatentDirichletAllocation

from wish_tf.baselines.baseline import Baseline
from wish_tf.types import Csr

PASSES = 10
BATCH = 512


class LDA(Baseline):
    """Latent Dirichlet allocation with a topic a bit, cut at medians.

    A bit is on where its topic's share of the text is above the median of the
    training texts. The paper (Fig. 3) says neither which inference nor which
    threshold it used; this is online variational Bayes with scikit-learn's priors,
    on which words are present, since counts are not to be had from tf-idf rows.

    References: Blei, Ng and Jordan, "Latent Dirichlet allocation", JMLR 2003;
    Hoffman, Blei and Bach, "Online learning for latent Dirichlet allocation",
    NIPS 2010.
    """

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        self._model = LatentDirichletAllocation(
            self.bits,
            learning_method="online",
            batch_size=BATCH,
            max_iter=PASSES,
            random_state=self.seed,
        ).fit(presence(rows))
        self._medians = np.median(self.shares(rows), axis=0)

    def _transform(self, rows: Csr) -> np.ndarray:
        return (self.shares(rows) > self._medians).astype(np.uint8)

    def shares(self, rows: Csr) -> np.ndarray:
        """Returns the share of each topic in each text, float [n, bits]."""
        return self._model.transform(presence(rows))

    def topics(self, words: int) -> np.ndarray:
        """Returns the likeliest words of each topic, int [bits, words].

        Args:
            words: how many.
        """
        order = np.argsort(-self._model.components_, axis=1, kind="stable")
        return order[:, :words]


def presence(rows: Csr) -> Csr:
    """Returns rows with 1 wherever there is a word, CSR."""
    there = rows.copy()
    there.data = np.ones_like(there.data)
    return there
