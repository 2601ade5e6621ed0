"""Words as numbers, so that no table of strings is needed to look them up."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.layers.analyzer import Analyzer

# Every word is kept, however short: a search may be for "C" or "R".
_ANALYZER = Analyzer(min_token_length=1, stop_words=None)
_BUCKETS = 2**63 - 1


def word_numbers(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns a number for each word of each text, from its fingerprint.

    The words are those of `Analyzer`, in any language, stop words among them. Two of
    ten million words have the same number with a probability of 5e-6.

    Args:
        texts: n strings.

    Returns:
        The numbers, int64 [words], text by text, and where each text starts and the
        last ends, int64 [n + 1].
    """
    # A half surrogate has no UTF-8; no word has one.
    encoded = [text.encode("utf-8", "replace") for text in texts]
    # Scripts without spaces take most of the time, and ASCII has none of their letters.
    numbered = _NUMBERED[not all(map(str.isascii, texts))]
    numbers, splits = numbered(tf.constant(encoded, tf.string, [len(encoded)]))
    return numbers.numpy(), splits.numpy()


def _numbered(texts: tf.Tensor, *, unspaced: bool) -> tuple[tf.Tensor, tf.Tensor]:
    words = _ANALYZER(texts, unspaced)
    return tf.strings.to_hash_bucket_fast(words.values, _BUCKETS), words.row_splits


_NUMBERED = {
    unspaced: tf.function(
        functools.partial(_numbered, unspaced=unspaced),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    for unspaced in (False, True)
}
