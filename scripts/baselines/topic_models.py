from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.baseline import Baseline
from wish_tf.metrics.topic_models import TopicModel
from wish_tf.types import Csr


class TopicBaseline(Baseline):
    """A topic a bit, on in the half of the texts where it weighs most.

    `kind` is one of `wish_tf.metrics.topic_models.KINDS`.
    """

    kind: str

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        self._model = TopicModel(self.kind, self.bits, self.seed).fit(rows)

    def _transform(self, rows: Csr) -> NDArray[np.uint8]:
        return self._model.codes(rows)

    def topics(self, words: int) -> NDArray[np.int64]:
        """Returns the words of most weight in each topic, int [bits, words].

        Args:
            words: how many.
        """
        return self._model.words(words)


class LDA(TopicBaseline):
    """Latent Dirichlet allocation with a topic a bit, cut at medians.

    The paper (Fig. 3) says neither which inference nor which threshold it used; this
    is batch variational Bayes with scikit-learn's priors.

    Reference: Blei, Ng and Jordan, "Latent Dirichlet allocation", JMLR 2003.
    """

    kind = "lda"


class NMF(TopicBaseline):
    """Non-negative matrix factorisation of tf-idf rows with a topic a bit.

    Reference: Lee and Seung, "Learning the parts of objects by non-negative matrix
    factorization", Nature 1999; scikit-learn's coordinate descent.
    """

    kind = "nmf"
