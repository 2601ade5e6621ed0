from __future__ import annotations

import numpy as np
import scipy.sparse
from scipy.optimize import linear_sum_assignment

from wish_tf.training.code_table import all_codes
from wish_tf.training.topic_annealing import TopicAnnealing
from wish_tf.types import Csr

STEPS = 600
VOCABULARY = 10_000
# A cluster is surer of its words than a text is, so annealing goes on for longer,
# and there are fewer clusters than texts for a prior to be weighed against.
BETA = (0.5, 30.0)
FLIP = (0.15, 0.07)
PRIOR = 0.05


def cluster_codes(
    rows: Csr, clusters: np.ndarray, bits: int, seed: int = 0
) -> np.ndarray:
    """Gives clusters of texts codes that topics explain, each its own.

    A WISH decoder is annealed on the clusters' mean rows as if they were texts, so
    that a bit is a topic that many clusters share. Each cluster then gets the code
    that makes its words likeliest, as far as codes can be different: the best
    assignment of clusters to codes, where large clusters weigh more (by the
    root of their size). Flipped bits in the decoder see to it that like
    clusters get near codes.

    Args:
        rows: tf-idf rows of the texts, CSR float32 [n, vocabulary].
        clusters: of the texts, from 0 to k - 1 <= 2^bits - 1, none empty, int [n].
        bits: number of hash bits.
        seed: of the annealing.

    Returns:
        The codes, all different, uint8 0/1 [k, bits].
    """
    n, sizes = len(clusters), np.bincount(clusters)
    mean = scipy.sparse.csr_matrix(
        (1 / sizes[clusters], (clusters, np.arange(n))), (len(sizes), n), np.float32
    )
    means = (mean @ rows).tocsr()
    topics = TopicAnnealing(
        means,
        bits,
        steps=STEPS,
        vocabulary=VOCABULARY,
        beta=BETA,
        flip=FLIP,
        prior=PRIOR,
        seed=seed,
    ).run()
    codes = all_codes(bits)
    flip = FLIP[1]
    partitions = topics.log_partitions(flip).numpy()
    likelihood = (1 - 2 * flip) * (means @ topics.words.T) @ (codes - 0.5).T
    likelihood -= np.asarray(means.sum(axis=1)) * partitions
    _, chosen = linear_sum_assignment(
        np.sqrt(sizes)[:, np.newaxis] * likelihood, maximize=True
    )
    return codes[chosen].astype(np.uint8)
