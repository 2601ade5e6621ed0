from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

REPEATS = 5


@dataclass(frozen=True)
class HashingTime:
    """How long the hashing of one document takes.

    Attributes:
        place: of the document.
        characters: its length.
        seconds: the median of 5 calls with this document alone.
    """

    place: int
    characters: int
    seconds: float


def slowest(
    texts: Sequence[str], hash_texts: Callable[[list[str]], object], longest: int
) -> tuple[list[HashingTime], HashingTime]:
    """Measures the longest texts, each alone, and one of median length beside them.

    Args:
        texts: at least one document.
        hash_texts: hashes texts.
        longest: how many of the longest are measured.

    Returns:
        Their times, the slowest first, and that of the text of median length.
    """
    lengths = np.array([len(text) for text in texts])
    order = np.argsort(-lengths, kind="stable")
    # The first call of all is slower, whatever the text.
    hash_texts([texts[order[0]]])

    def timed(place: int) -> HashingTime:
        seconds = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            hash_texts([texts[place]])
            seconds.append(time.perf_counter() - started)
        return HashingTime(place, int(lengths[place]), float(np.median(seconds)))

    measured = [timed(int(place)) for place in order[:longest]]
    measured.sort(key=lambda one: -one.seconds)
    return measured, timed(int(order[len(order) // 2]))
