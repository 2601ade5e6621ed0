from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.explain.explanation import Explanation, log_odds, log_odds_error
from wish_tf.hashed_texts import HashedTexts
from wish_tf.layers import Analyzer

# A text of w words is hashed w times; this bounds the memory for a long one.
BATCH = 256
# More than the float32 noise of a text that stands elsewhere in a batch.
LEAST_CHANGE = 1e-4


def explain(
    hash_texts: Callable[[Sequence[str]], HashedTexts], text: str
) -> Explanation:
    """Finds out which words of a text moved which bit, by leaving each out.

    Occlusion (Zeiler and Fergus, "Visualizing and Understanding Convolutional
    Networks", ECCV 2014): the text without a word is hashed by the same model, so
    an effect is exact for what it says; effects of several words do not add up.

    Args:
        hash_texts: `hash` of a `TextHasher`, a `SavedHasher` or a
            `wish_tf.client.Client`.
        text: one text.

    Returns:
        An `Explanation`.

    Raises:
        InputError: when it is no string, or no word of it is known: its code means
            nothing.

    Examples:
        A hasher of one bit, which is on if "cat" is there and "dog" is not:

        >>> def hash_texts(texts):
        ...     on = [["cat" in text and "dog" not in text] for text in texts]
        ...     known = ["cat" in text or "dog" in text for text in texts]
        ...     return HashedTexts(np.where(on, 0.9, 0.1), ~np.array(known))
        >>> found = explain(hash_texts, "a cat and a dog")
        >>> [(word, round(effect, 1)) for word, effect in found.strongest(0)]
        [('dog', -4.4)]
        >>> found.unknown
        ['and']
    """
    if not isinstance(text, str):
        raise InputError(f"expected a text as a string; got {type(text).__name__}")
    # The words of any model; pairs of letters stay pairs, for blanks are between them.
    words = Analyzer(stop_words=None)
    terms = words(tf.constant([text.encode("utf-8", "replace")])).values
    found = [term.decode() for term in terms.numpy()]
    whole = hash_texts([" ".join(found)])
    if np.abs(whole.probabilities - hash_texts([text]).probabilities).max() > (
        LEAST_CHANGE
    ):
        # A model of characters, which sees what stands between words as well.
        found = text.split()
        whole = hash_texts([" ".join(found)])
    distinct = list(dict.fromkeys(found))
    if whole.out_of_vocabulary[0]:
        raise InputError(f"expected a text with a word the model knows; got {text!r}")
    without = _probabilities_without(hash_texts, found, distinct)
    effects = log_odds(whole.probabilities) - log_odds(without)
    unsure = log_odds_error(whole.probabilities) + log_odds_error(without)
    effects[np.abs(effects) <= unsure] = 0
    # Some words are known only in an n-gram with their neighbours.
    known = ~hash_texts(distinct).out_of_vocabulary
    known |= (np.abs(whole.probabilities - without) > LEAST_CHANGE).any(axis=1)
    return Explanation(
        words=[distinct[i] for i in np.flatnonzero(known)],
        effects=effects[known],
        probabilities=whole.probabilities[0],
        unknown=[
            distinct[i]
            for i in np.flatnonzero(~known)
            if words.keeps(tf.constant(distinct[i]))
        ],
    )


def _probabilities_without(
    hash_texts: Callable[[Sequence[str]], HashedTexts],
    found: list[str],
    distinct: list[str],
) -> np.ndarray:
    parts = []
    for start in range(0, len(distinct), BATCH):
        variants = [
            " ".join(word for word in found if word != left_out)
            for left_out in distinct[start : start + BATCH]
        ]
        parts.append(hash_texts(variants).probabilities)
    return np.concatenate(parts)
