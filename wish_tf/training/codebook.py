from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize

from wish_tf.training.cluster_codes import cluster_codes
from wish_tf.types import Csr

# A small corpus is divided all the same, down to 8 texts a cluster.
FEWEST_CLUSTERS, FEWEST_TEXTS = 16, 8
MOST_CLUSTERS = 512
# Starts of k-means, of which the tightest counts.
STARTS = 4
# Of the cosine to the centres, in the probabilities of clusters.
TEMPERATURE = 0.05


class Codebook:
    """Clusters of texts, each with a code of its own.

    Args:
        rows: tf-idf rows of the training texts, CSR float32 [n, vocabulary].
        points: their places, of length 1, float32 [n, d] (see `TopicSpace`).
        bits: length of a code, few enough for 2^bits to be enumerated.
        texts_a_cluster: how many texts a cluster should hold on average.
        seed: of the clusters.

    Attributes:
        codes: of the clusters, uint8 0/1 [k, bits].
        clusters: the cluster of each training text, int [n].
    """

    def __init__(
        self,
        rows: Csr,
        points: np.ndarray,
        bits: int,
        texts_a_cluster: int,
        seed: int = 0,
    ):
        n = len(points)
        k = min(
            2**bits,
            MOST_CLUSTERS,
            max(FEWEST_CLUSTERS, n // texts_a_cluster),
            max(2, n // FEWEST_TEXTS),
            len(np.unique(points, axis=0)),
        )
        found = KMeans(k, n_init=STARTS, random_state=seed).fit(points)
        # Rounding can leave a cluster empty where texts are nearly the same.
        there, self.clusters = np.unique(found.labels_, return_inverse=True)
        self._centres = normalize(found.cluster_centers_[there])
        self.codes = cluster_codes(rows, self.clusters, bits, seed)

    def targets(self, points: np.ndarray) -> np.ndarray:
        """Returns the probability that each bit should be on, float32 [n, bits]."""
        share = softmax(points @ self._centres.T / TEMPERATURE, axis=1)
        return (share @ self.codes).astype(np.float32)
