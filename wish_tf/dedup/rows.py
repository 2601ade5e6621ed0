"""Sparse rows of texts: made, told apart, compared."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

# Pairs of rows that are gathered at a time.
PAIRS = 1 << 16


def tfidf_rows(texts: Sequence[str]) -> csr_array:
    """Returns the tf-idf rows of texts over all of their own words, CSR float32
    [n, words], each of norm 1, or empty for a text without a word."""
    vectorizer = TfidfVectorizer(dtype=np.float32)
    try:
        return csr_array(vectorizer.fit_transform(texts))
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        return csr_array((len(texts), 1), dtype=np.float32)


def first_of_equal(rows: csr_array, names: dict[int, str]) -> np.ndarray:
    """Returns for each row the place of the first that equals it, int64 [n].

    Args:
        rows: CSR with sorted columns.
        names: what an empty row is compared by, by its place.
    """
    seen: dict[bytes, int] = {}
    first = np.empty(rows.shape[0], np.int64)
    ends = rows.indptr.tolist()
    for at, (start, end) in enumerate(itertools.pairwise(ends)):
        # Sixteen bytes instead of the row: a million rows are held at once.
        digest = hashlib.blake2b(rows.indices[start:end], digest_size=16)
        digest.update(rows.data[start:end])
        digest.update(names.get(at, "").encode("utf-8", "replace"))
        first[at] = seen.setdefault(digest.digest(), at)
    return first


def cosines(rows: csr_array, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Returns the products of the rows left[i] and right[i], float32 [m]."""
    result = np.empty(left.size, np.float32)
    for start in range(0, left.size, PAIRS):
        part = slice(start, start + PAIRS)
        products = rows[left[part]].multiply(rows[right[part]])
        result[part] = products.sum(axis=1)
    return result


def similarities(rows: csr_array, first: np.ndarray) -> np.ndarray:
    """Returns the cosine of each row with the row at first[i], float32 [n]; 1 for
    an empty row, which can only be with its equals."""
    similarity = np.ones(first.size, np.float32)
    members = np.flatnonzero(
        (first != np.arange(first.size)) & (np.diff(rows.indptr) > 0)
    )
    similarity[members] = np.minimum(cosines(rows, members, first[members]), 1)
    return similarity
