from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from wish_tf.data import csr_dataset
from wish_tf.layers import TopicSpace
from wish_tf.settings import Count, Positive, Settings, Weight
from wish_tf.training.stages import Arrays, Stages
from wish_tf.training.topic_annealing import Annealing, TopicAnnealing
from wish_tf.training.topics import Topics
from wish_tf.types import Csr

BATCH = 1000


@dataclass(frozen=True)
class SpaceSettings(Settings):
    """What spans a `wish_tf.layers.TopicSpace`.

    Attributes:
        decoders: how many decoders.
        bits: of each, few enough for 2^bits to be enumerated.
        annealing: how they are learned.
        sharpness: weight of the likelihood in the coordinates: below 1, so that
            probabilities are graded and not 0 or 1.
        lsa_dimensions: of the LSA part, at most.
        lsa_weight: of its length against that of the topics.
        lsa_power: of the rows' numbers in the LSA part: below 1, a word that a text
            repeats counts for less.
    """

    decoders: Count = 4
    bits: Count = 8
    annealing: Annealing = Annealing()
    sharpness: Positive = 0.5
    lsa_dimensions: Count = 100
    lsa_weight: Weight = 0.7
    lsa_power: Positive = 0.6

    def layer(self, shape: tuple[int, int]) -> TopicSpace:
        """Returns the space of rows [n, vocabulary], built, still without weights.

        Args:
            shape: of the rows.
        """
        lsa = max(1, min(self.lsa_dimensions, min(shape) - 1))
        space = TopicSpace(
            self.decoders, self.bits, lsa, self.lsa_weight, self.lsa_power, name="space"
        )
        space.build((None, shape[1]))
        return space


def fit_space(
    rows: Csr, settings: SpaceSettings, seed: int, stages: Stages
) -> TopicSpace:
    """Learns the space of a corpus; a decoder is a stage.

    Args:
        rows: tf-idf rows of the training texts, CSR float32 [n, vocabulary], whose
            middle is the origin of the topics' part.
        settings: how.
        seed: of the first decoder and the LSA.
        stages: keeps what is learned.
    """
    n = settings.decoders

    def anneal(i: int) -> Arrays:
        # Seeds of neighbouring runs should not share decoders.
        annealing = TopicAnnealing(
            rows, settings.bits, settings.annealing, seed * n + i
        )
        topics = annealing.run(
            lambda step, of, state: stages.report(
                "topics", i * of + step, n * of, **state
            )
        )
        return {"words": topics.words, "bias": topics.bias}

    decoders = [
        Topics(**stages.once(f"decoder-{i}", partial(anneal, i))) for i in range(n)
    ]
    space = settings.layer(rows.shape)

    def lsa() -> Arrays:
        stages.report("lsa", 1, 1)
        powered = rows.copy()
        powered.data **= settings.lsa_power
        svd = TruncatedSVD(space.lsa_dimensions, random_state=seed % 2**32)
        svd.fit(normalize(powered, copy=False))
        return {"lsa": svd.components_.T.astype(np.float32)}

    flip = settings.annealing.flip[1]
    evidence = [each.evidence(settings.sharpness, flip) for each in decoders]
    directions = np.concatenate([of_words for of_words, _ in evidence])
    space.directions.assign(directions.T.astype(np.float32))
    space.lsa.assign(stages.once("lsa", lsa)["lsa"])
    space.partitions.assign(np.stack([partitions for _, partitions in evidence]))
    total = np.zeros(space.middle.shape)
    for batch in csr_dataset(rows, BATCH):
        total += space.probabilities(batch).numpy().sum(axis=0)
    space.middle.assign(total / rows.shape[0])
    return space
