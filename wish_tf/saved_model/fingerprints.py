"""SHA-256 of what a hasher has learned, from the model or from its export."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np


def vocabulary_sha256(vocabulary: Sequence[str], idf_weights: np.ndarray) -> str:
    """Returns the hash of a vocabulary with its idf weights.

    It is that of the words in column order, in UTF-8, each ended by a line feed,
    followed by the weights as little-endian float32.

    Args:
        vocabulary: words or n-grams, none with a line feed.
        idf_weights: float [len(vocabulary)].
    """
    digest = hashlib.sha256()
    for word in vocabulary:
        digest.update(word.encode() + b"\n")
    digest.update(np.ascontiguousarray(idf_weights, "<f4").tobytes())
    return digest.hexdigest()


def weights_sha256(weights: Iterable[np.ndarray]) -> str:
    """Returns the hash of a model's variables.

    It is that of each variable in turn: a line such as `<f4 (8, 11)` with its
    dtype and shape, then its values, little-endian, row by row.
    """
    digest = hashlib.sha256()
    for weight in weights:
        array = np.asarray(weight)
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        digest.update(f"{array.dtype.str} {np.shape(weight)}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def names_sha256(names: Iterable[str]) -> str:
    """Returns the hash of the names of documents.

    It is that of each name in turn: a line with its number of bytes, then the name
    in UTF-8 (lone surrogates count as `?`).
    """
    digest = hashlib.sha256()
    for name in names:
        encoded = name.encode("utf-8", "replace")
        digest.update(b"%d\n%b" % (len(encoded), encoded))
    return digest.hexdigest()
