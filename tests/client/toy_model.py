"""A hasher without a model: codes made from the checksum of a text."""

from __future__ import annotations

import zlib

import numpy as np

BITS = 11
TOPICS = [[f"word{bit}{i}é" for i in range(20)] for bit in range(BITS)]


def toy_bits(text: str) -> list[int]:
    """The code of a text, [11]."""
    checksum = zlib.crc32(text.encode("utf-8"))
    return [checksum >> bit & 1 for bit in range(BITS)]


def toy_hash(texts: list[str]) -> dict[str, np.ndarray]:
    """What the signature `hash` of a hasher gives; an empty text has no word."""
    bits = np.array([toy_bits(text) for text in texts], np.int32)
    # Not representable in a few digits, and one just above the threshold.
    low, high = np.float32(1 / 3), np.nextafter(np.float32(0.5), np.float32(1))
    return {
        "bits": bits,
        "code_bytes": np.array(
            [row.tobytes() for row in np.packbits(bits.astype(bool), axis=1)], object
        ),
        "probabilities": np.where(bits == 1, high, low),
        "out_of_vocabulary": np.array([text == "" for text in texts]),
    }


def toy_topics(k: int) -> dict[str, np.ndarray]:
    """What the signature `topics` of a hasher gives."""
    words = np.array([[words[:k] for words in TOPICS]], object)
    weights = np.arange(words.size, dtype=np.float32)[::-1].reshape(words.shape)
    return {"words": words, "weights": weights / 7}


def toy_search(texts: list[str], k: list[int]) -> dict[str, np.ndarray]:
    """What the signature `search` gives of three documents; none for an empty text."""
    most = 3
    found = np.array(
        [
            [i < min(k_, 3) * bool(t) for i in range(most)]
            for t, k_ in zip(texts, k, strict=True)
        ]
    )
    ids = np.array([[f"{text}é{i}" for i in range(most)] for text in texts], object)
    return {
        "ids": np.where(found, ids, ""),
        "distances": np.where(found, np.arange(most, dtype=np.int32), np.int32(-1)),
        "out_of_vocabulary": np.array([text == "" for text in texts]),
        "bad_k": np.array(k) > 1000,
    }
