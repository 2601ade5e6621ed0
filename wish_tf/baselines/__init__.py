"""Other ways to hash texts, which WISH is compared with (docs/reproduction.md)."""

from wish_tf.baselines.ammi import AMMI
from wish_tf.baselines.baseline import Baseline
from wish_tf.baselines.bmsh import BMSH
from wish_tf.baselines.encoder import SentenceEncoder
from wish_tf.baselines.itq import ITQ
from wish_tf.baselines.kmeans import KMeansHash
from wish_tf.baselines.lda import LDA
from wish_tf.baselines.lsh import LSH
from wish_tf.baselines.nash import NASH
from wish_tf.baselines.nbrreg import NbrReg
from wish_tf.baselines.nmf import NMF
from wish_tf.baselines.node2hash import Node2hash
from wish_tf.baselines.rbsh import RBSH
from wish_tf.baselines.sth import STH
from wish_tf.baselines.vdsh import VDSH
from wish_tf.baselines.wish_baseline import WishBaseline

METHODS: dict[str, type[Baseline]] = {
    "wish": WishBaseline,
    "sth": STH,
    "vdsh": VDSH,
    "nash": NASH,
    "rbsh": RBSH,
    "node2hash": Node2hash,
    "nbrreg": NbrReg,
    "lda": LDA,
    "nmf": NMF,
    "kmeans": KMeansHash,
    "itq": ITQ,
    "lsh": LSH,
    "ammi": AMMI,
    "bmsh": BMSH,
    "encoder": SentenceEncoder,
}
