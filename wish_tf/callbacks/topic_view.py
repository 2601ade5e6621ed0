from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class TopicView:
    """What there is to see of a model's topics.

    Attributes:
        vectors: a point a topic, float32 [bits, d].
        overlap: how much topics say the same, float32 [bits, bits].
        overlap_name: `"gram"`, T T' of the topic vectors; or `"cosine"` between what
            topics add to the words' logits.
        words: numbers of each bit's strongest words, int [bits, m].
    """

    vectors: np.ndarray
    overlap: np.ndarray
    overlap_name: str
    words: np.ndarray

    @classmethod
    def of(cls, model: keras.Model, words: int) -> TopicView:
        """Looks at a `WISH`, or at the `EncoderFitting` of the default recipe.

        The latter has no topic vectors yet: any orthonormal ones fit its topics.
        The points are then at the distances of what topics add to logits.

        Args:
            model: the model.
            words: how many a bit.
        """
        if hasattr(model, "decoder"):
            vectors = model.decoder.topics.numpy()
            return cls(vectors, vectors @ vectors.T, "gram", model.topics(words)[0])
        topics = model.topics
        gains = topics.word_gains()
        strongest = np.argsort(-gains, axis=1, kind="stable")[:, :words]
        gram = topics.words @ topics.words.T
        lengths = np.sqrt(np.diag(gram))
        # Their coordinates along the principal axes: of d = bits, not vocabulary.
        scale, axes = np.linalg.eigh(gram)
        vectors = axes * np.sqrt(np.maximum(scale, 0))
        cosine = gram / np.maximum(np.outer(lengths, lengths), 1e-12)
        return cls(vectors[:, ::-1].copy(), cosine, "cosine", strongest)
