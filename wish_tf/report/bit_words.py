"""The words that a bit stands for, on either side."""

from __future__ import annotations

import numpy as np

from wish_tf.text_hasher import TextHasher

WORDS = 10
WordGains = list[tuple[str, float]]


def words_of_bits(
    hasher: TextHasher, words: int = WORDS
) -> tuple[list[WordGains], list[WordGains]]:
    """Returns the words that are likelier with each bit on, and those with it off.

    Args:
        hasher: a trained hasher.
        words: how many a bit, at most.

    Returns:
        Of each bit the words, strongest first, with how much the bit makes of each
        (`TopicSelection.word_gains`), which is above 0; and the same of the bit off.
    """
    gains = hasher.model.wish.decoder.word_gains().numpy()
    vocabulary = hasher.vocabulary

    def strongest(values: np.ndarray) -> list[WordGains]:
        order = np.argsort(-values, axis=1, kind="stable")[:, :words]
        return [
            [(vocabulary[i], float(row[i])) for i in best if row[i] > 0]
            for row, best in zip(values, order, strict=True)
        ]

    return strongest(gains), strongest(-gains)
