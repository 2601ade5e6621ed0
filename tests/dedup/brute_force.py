"""Similarities and groups by comparing all with all, by the definition."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np

# Enough for the texts of the tests.
ALONE = "[ぁ-ヿ一-鿿ก-ะ]"
TOKEN = re.compile(
    f"{ALONE}|(?:(?!{ALONE})[\\w\u0300-\u036f\u0591-\u05c7\u0900-\u0b83])+|\\S"
)


def whole(text: str) -> str:
    """What two texts are equal by."""
    folded = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def shingles(text: str) -> set:
    """The shingles of a text, itself included."""
    words = TOKEN.findall(whole(text))
    return {whole(text), *((one,) for one in words), *pairwise([None, *words, None])}


def similarities(texts) -> np.ndarray:
    """float64 [n, n]"""
    sets = [shingles(text) for text in texts]
    return np.array([[len(a & b) / len(a | b) for b in sets] for a in sets])


def first_of_groups(linked: np.ndarray) -> list[int]:
    """The smallest member of each node's component, from links bool [n, n]."""
    first = list(range(len(linked)))
    changed = True
    while changed:
        changed = False
        for i, j in zip(*np.nonzero(linked), strict=True):
            smallest = min(first[i], first[j])
            changed |= first[i] != smallest or first[j] != smallest
            first[i] = first[j] = smallest
    return first
