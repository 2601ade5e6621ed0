from __future__ import annotations

from wish_tf.baselines.binarisers import RandomPlanes
from wish_tf.baselines.lsa_baseline import LsaBaseline


class LSH(LsaBaseline):
    """Random planes through the mean of an LSA space (see `RandomPlanes`)."""

    binariser = RandomPlanes
