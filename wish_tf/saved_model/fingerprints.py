"""SHA-256 of what a hasher has learned, and of the files of its export."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from wish_tf.server.version_directory import CARD_FILE


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


def files_sha256(folder: Path) -> dict[str, str]:
    """Returns the hash of each file of a version, by its path in the folder with `/`,
    but for the model card, which tells them."""
    cards = {CARD_FILE, CARD_FILE.with_suffix(".md")}
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    hashes = {}
    for name, path in found.items():
        if path.is_file() and name not in cards:
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
            hashes[name.as_posix()] = digest.hexdigest()
    return hashes
