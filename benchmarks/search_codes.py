"""Codes of real text for `search.py`, kept in a folder.

A corpus is hashed: up to 16 bits by a hasher trained with the default recipe, above
by ITQ on an LSA space. The codes of held-out texts are the queries. The others are
drawn again and again, each bit flipped with a small probability, until there are as
many as wanted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from wish_tf.files import replacing

QUERIES = 1000
FLIPPED = 0.05
_AT_ONCE = 1 << 20
_WISH_BITS = 16


def load(folder: Path, corpus: str, bits: int, size: int) -> tuple:
    """Returns packed codes [size, bytes], mapped, and queries [1000, bytes]; makes
    and keeps what is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    hashed = folder / f"{corpus}-{bits}.npy"
    if not hashed.exists():
        _save(hashed, _hash(corpus, bits))
    packed = np.packbits(np.load(hashed), axis=1)
    many = folder / f"{corpus}-{bits}-{size}.npy"
    if not many.exists():
        _save(many, _replicate(packed[QUERIES:], bits, size))
    return np.load(many, mmap_mode="r"), packed[:QUERIES]


def _hash(corpus: str, bits: int) -> np.ndarray:
    """0/1 codes [n, bits] in random order; what learns never sees the first 1000."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))
    from baselines import ITQ
    from wish_tf import TextHasher, load_corpus

    texts = load_corpus(corpus).texts
    order = np.random.default_rng(0).permutation(len(texts))
    texts = [texts[i] for i in order]
    method = TextHasher(bits) if bits <= _WISH_BITS else ITQ(bits)
    method.fit(texts[QUERIES:])
    return method.transform(texts).astype(np.uint8)


def _replicate(packed: np.ndarray, bits: int, size: int) -> np.ndarray:
    random = np.random.default_rng(bits)
    codes = np.empty((size, packed.shape[1]), np.uint8)
    for start in range(0, size, _AT_ONCE):
        part = codes[start : start + _AT_ONCE]
        flips = random.random((len(part), bits), np.float32) < FLIPPED
        part[:] = packed[random.integers(0, len(packed), len(part))]
        part ^= np.packbits(flips, axis=1)
    return codes


def _save(path: Path, array: np.ndarray) -> None:
    with replacing(path) as temporary:
        np.save(temporary, array)
