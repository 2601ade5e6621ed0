"""Other ways to hash texts, which WISH is compared with (docs/reproduction.md)."""

from baselines.ammi import AMMI
from baselines.baseline import Baseline
from baselines.bmsh import BMSH
from baselines.encoder import SentenceEncoder
from baselines.lsa_baselines import ITQ, LSH, KMeansHash
from baselines.nash import NASH
from baselines.nbrreg import NbrReg
from baselines.node2hash import Node2hash
from baselines.rbsh import RBSH
from baselines.sth import STH
from baselines.topic_models import LDA, NMF
from baselines.vdsh import VDSH
from baselines.wish_baseline import WishBaseline

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
