from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

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
        public_start: whether weights start as in the paper's public code: topic
            vectors uniform in [0, 1), and what layers multiply with and add uniform
            within one over the root of their inputs. Otherwise topic vectors start
            orthonormal, the decoder's bias at the words' frequencies, and layers at
            scales that fit rows of norm 1.
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
    public_start: bool = False
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
        public_start = settings.pop("public_start")
        model = WISH(
            data.bits,
            data.rows.shape[1],
            **settings,
            **encoder,
            seed=data.seed,
            name="wish",
        )
        if public_start:
            _start_as_public_code(model, data.seed)
        return model


def _start_as_public_code(model: WISH, seed: int) -> None:
    """Gives a model the weights that PyTorch's linear layers start with."""
    random = np.random.default_rng(seed)

    def draw(low: float, high: float, *variables: Any) -> None:
        for variable in variables:
            variable.assign(random.uniform(low, high, variable.shape))

    decoder = model.decoder
    draw(0, 1, decoder.topics)
    bound = decoder.topic_dim**-0.5
    draw(-bound, bound, decoder.embedding, decoder.bias)
    of_encoder = model.encoder.trainable_variables
    for kernel, bias in zip(of_encoder[::2], of_encoder[1::2], strict=True):
        bound = kernel.shape[0] ** -0.5
        draw(-bound, bound, kernel, bias)
