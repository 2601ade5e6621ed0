from __future__ import annotations

from wish_tf.baselines.binarisers import ClusterNumbers
from wish_tf.baselines.lsa_baseline import LsaBaseline


class KMeansHash(LsaBaseline):
    """2^bits-means of an LSA space, up to 12 bits (see `ClusterNumbers`)."""

    binariser = ClusterNumbers
