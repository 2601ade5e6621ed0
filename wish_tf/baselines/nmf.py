from __future__ import annotations

import sklearn.decomposition

from wish_tf.baselines.topic_model import TopicModel

ROUNDS = 400


class NMF(TopicModel):
    """Non-negative matrix factorisation of tf-idf rows with a topic a bit.

    Reference: Lee and Seung, "Learning the parts of objects by non-negative matrix
    factorization", Nature 1999; scikit-learn's coordinate descent.
    """

    def _new(self) -> sklearn.decomposition.NMF:
        return sklearn.decomposition.NMF(
            self.bits, max_iter=ROUNDS, random_state=self.seed
        )
