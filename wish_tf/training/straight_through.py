from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras

from wish_tf.models import WISH
from wish_tf.settings import Count, Positive, Share, Weight
from wish_tf.training.stages import Arrays
from wish_tf.training.strategy import Strategy, TrainingData, strategy


@strategy("straight_through")
@dataclass(frozen=True)
class StraightThrough(Strategy):
    """The paper's way: encoder and decoder at once, from drawn bits.

    Attributes:
        topic_dim: length of a topic vector, at least the number of bits.
        combine: `"sum"` or `"mean"` of the selected topic vectors.
        orthogonality: weight of the orthogonality penalty.
        centred: whether the decoder centres the selection.
        uniform_topics: whether topic vectors start uniform in [0, 1), as in the
            paper's public code, instead of orthonormal.
        word_scale: standard deviation of the first layer's initial weights.
        gradient: of the bits with respect to their probabilities.
        kl_step: growth of the KL weight with each step, up to 1.
        gamma: prior probability that a bit is on: a number, one a bit, or
            `"learned"`.
        stochastic: whether bits are drawn at random.
    """

    topic_dim: Count = 100
    combine: Literal["sum", "mean"] = "sum"
    orthogonality: Weight = 1.0
    centred: bool = True
    uniform_topics: bool = False
    word_scale: Positive = 2**0.5
    gradient: Weight = 1.0
    kl_step: Weight = 5e-6
    gamma: Literal["learned"] | tuple[Share, ...] | Share = 0.5
    stochastic: bool = True

    def model(
        self, data: TrainingData, encoder: Mapping[str, Any], prepared: Arrays
    ) -> WISH:
        settings = self.to_json()
        del settings["name"]
        if settings.pop("uniform_topics"):
            start = keras.initializers.RandomUniform(0, 1, seed=data.seed)
            settings["topics_initializer"] = start
        return WISH(
            data.bits,
            data.rows.shape[1],
            **settings,
            **encoder,
            seed=data.seed,
            name="wish",
        )
