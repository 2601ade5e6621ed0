from __future__ import annotations

from wish_tf.baselines.binarisers import ITQRotation
from wish_tf.baselines.lsa_baseline import LsaBaseline


class ITQ(LsaBaseline):
    """Iterative quantisation of an LSA space (see `ITQRotation`)."""

    binariser = ITQRotation
