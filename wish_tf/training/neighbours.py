from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from sklearn.decomposition import TruncatedSVD
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

DIMENSIONS = 100
# Neighbours are believed the more, the more of the rows their space explains:
# not at all up to a share of .15, and up to a weight of .8 from .30 on. The two
# shares lie between those of corpora where neighbours hurt (20 Newsgroups, .13)
# and help (Reuters, .33); three corpora are thin evidence for them.
BELIEVED_FROM, BELIEVED_TO = 0.15, 0.30
LARGEST_WEIGHT = 0.8


@dataclass(frozen=True)
class Neighbours:
    """For each document the others whose words it might have used too.

    Short texts about one thing often share no word. A document then counts as
    `own` times itself plus the rest times the mean of its neighbours, as in
    NbrReg (Chaidaroon et al., 2018) and PairRec (Hansen et al., 2020).

    Attributes:
        nearest: the nearest documents of each, int [n, k].
        own: the weight of the document itself, 0-1.
    """

    nearest: np.ndarray
    own: float

    @classmethod
    def by_lsa(cls, rows, k: int, seed: int = 0) -> Neighbours | None:
        """Finds neighbours by the cosine in an LSA space of 100 dimensions.

        Args:
            rows: L2-normalised tf-idf rows, CSR [n, vocabulary].
            k: how many, fewer if there are not so many documents.
            seed: of the LSA.

        Returns:
            The neighbours, or None where the space explains too little of the
            rows for them to be believed.
        """
        lsa = TruncatedSVD(min(DIMENSIONS, min(rows.shape) - 1), random_state=seed)
        space = lsa.fit_transform(rows)
        explained = np.square(space).sum() / rows.multiply(rows).sum()
        believed = (explained - BELIEVED_FROM) / (BELIEVED_TO - BELIEVED_FROM)
        if believed <= 0:
            return None
        space = normalize(space).astype(np.float32)
        search = NearestNeighbors(n_neighbors=min(k, len(space) - 1), algorithm="brute")
        nearest = search.fit(space).kneighbors(return_distance=False)
        return cls(nearest, 1 - LARGEST_WEIGHT * min(1.0, float(believed)))

    def mixed(self, values):
        """Returns values [n, d] of documents mixed with their neighbours'."""
        others = tf.reduce_mean(tf.gather(values, self.nearest), axis=1)
        return self.own * values + (1 - self.own) * others

    def spread(self, values: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        """Returns what values [m, d] at documents [m] give to each of all n.

        It is `mixed` transposed: [n, d].
        """
        n, k = self.nearest.shape
        width = values.shape[1]
        own = tf.scatter_nd(batch[:, tf.newaxis], self.own * values, [n, width])
        nearest = tf.reshape(tf.gather(self.nearest, batch), [-1])
        given = tf.repeat((1 - self.own) / k * values, k, axis=0)
        return own + tf.math.unsorted_segment_sum(given, nearest, n)
