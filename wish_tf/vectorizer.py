"""Fitting the vocabulary and idf, with scikit-learn's semantics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from wish_tf.errors import InputError
from wish_tf.types import Csr

StopWords: TypeAlias = str | Sequence[str] | None


def fit_vectorizer(
    texts: Sequence[str],
    *,
    stop_words: StopWords = "english",
    max_df: float | int = 0.9,
    min_df: float | int = 3,
    ngram_range: tuple[int, int] = (1, 1),
) -> tuple[TfidfVectorizer, Csr]:
    """Fits vocabulary and idf on training texts (paper, section 4.1).

    Args:
        texts: n training texts.
        stop_words: `"english"`, a list of one's own, or None.
        max_df: words in more than this share (float) or number (int) of texts
            are left out.
        min_df: words in fewer than this number or share of texts are left out.
        ngram_range: (shortest, longest) n-gram in words.

    Returns:
        The fitted `TfidfVectorizer`, and the tf-idf rows of the texts, CSR
        float32 [n, vocabulary].

    Raises:
        InputError: when no word is left.

    Examples:
        >>> texts = ["a cat", "cat and dog", "dogs"]
        >>> vectorizer, rows = fit_vectorizer(texts, min_df=1)
        >>> vectorizer.get_feature_names_out().tolist()
        ['cat', 'dog', 'dogs']
        >>> rows.shape, rows.dtype
        ((3, 3), dtype('float32'))
    """
    vectorizer = TfidfVectorizer(
        stop_words=stop_words if stop_words is None else _as_given(stop_words),
        max_df=max_df,
        min_df=min_df,
        ngram_range=tuple(ngram_range),
        dtype=np.float32,
    )
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError as error:
        reasons = ("empty vocabulary", "no terms remain", "max_df corresponds to")
        if not any(reason in str(error) for reason in reasons):
            raise
        raise InputError(
            "expected words that are shared between texts; of the "
            f"{len(texts)} texts no word is left with stop_words="
            f"{'a list' if isinstance(stop_words, (list, tuple)) else stop_words!r}, "
            f"min_df={min_df}, max_df={max_df}"
        ) from error


def _as_given(stop_words: str | Sequence[str]) -> str | list[str]:
    return stop_words if isinstance(stop_words, str) else list(stop_words)
