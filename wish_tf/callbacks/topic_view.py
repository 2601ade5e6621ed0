from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wish_tf.models import WISH


@dataclass(frozen=True)
class TopicView:
    """What there is to see of a model's topics.

    Attributes:
        vectors: a point a topic, float32 [bits, d].
        overlap: how much topics say the same, T T', float32 [bits, bits].
        words: numbers of each bit's strongest words, int [bits, m].
    """

    vectors: np.ndarray
    overlap: np.ndarray
    words: np.ndarray

    @classmethod
    def of(cls, model: WISH, words: int) -> TopicView:
        """Looks at a model.

        Args:
            model: the model.
            words: how many a bit.
        """
        vectors = model.decoder.topics.numpy()
        return cls(vectors, vectors @ vectors.T, model.topics(words)[0])
