from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from wish_tf.index.word_numbers import word_numbers
from wish_tf.index.word_table import ARRAYS, UNIT, WordTable

K1, B = 1.5, 0.75
# Texts taken apart, and postings put into their lists, at once.
_TEXTS, _POSTINGS = 1024, 1 << 20


class WordSpool:
    """Gathers the words of documents in files, and makes a `WordTable` of them.

    In memory are at most some 40 bytes a document and 60 a distinct word, and 100 MB.
    Use it as a context manager.

    Args:
        folder: a new folder; it must not be removed before the table is done with.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._distinct, self._lengths = array("i"), array("i")  # of each document
        self._words = [np.empty(0, np.int64)]

    def __enter__(self) -> WordSpool:
        self._numbers = (self._folder / "numbers").open("xb")
        self._counts = (self._folder / "counts").open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        self._numbers.close()
        self._counts.close()

    def add(self, texts: Sequence[str]) -> None:
        for start in range(0, len(texts), _TEXTS):
            self._add(*word_numbers(texts[start : start + _TEXTS]))

    def _add(self, numbers: np.ndarray, splits: np.ndarray) -> None:
        lengths = np.diff(splits)
        rows = np.repeat(np.arange(lengths.size), lengths)
        order = np.lexsort((numbers, rows))
        numbers = numbers[order]
        firsts = np.flatnonzero(
            (np.diff(numbers, prepend=-1) != 0) | (np.diff(rows, prepend=-1) != 0)
        )
        counts = np.diff(firsts, append=numbers.size)
        self._numbers.write(numbers[firsts].tobytes())
        self._counts.write(np.minimum(counts, 255).astype(np.uint8).tobytes())
        distinct = np.bincount(rows[firsts], minlength=lengths.size)
        self._distinct.extend(distinct.tolist())
        self._lengths.extend(lengths.tolist())
        self._words.append(np.unique(numbers))
        # Joined when they have doubled, so that sorting them again costs little.
        if sum(part.size for part in self._words[1:]) > self._words[0].size:
            self._words = [np.unique(np.concatenate(self._words))]

    def table(self) -> WordTable:
        """Makes a table of the documents that were added."""
        # Here, since what only loads a table has no use for scikit-learn.
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        self._numbers.flush()
        self._counts.flush()
        words = np.unique(np.concatenate(self._words))
        sizes = np.zeros(words.size, np.int64)
        for _, found, _ in self._blocks(words):
            sizes += np.bincount(found, minlength=words.size)
        starts = np.append(0, np.cumsum(sizes))
        free = starts[:-1].copy()  # where the next posting of each word goes
        places, weights = (
            _mapped(self._folder / name, ARRAYS[name], int(starts[-1]))
            for name in ("places", "weights")
        )
        lengths = np.array(self._lengths)
        mean = max(1, lengths.sum()) / max(1, lengths.size)
        relative = K1 * (1 - B + B * lengths / mean)
        for documents, found, counts in self._blocks(words):
            order = np.argsort(found, kind="stable")
            documents, found, counts = documents[order], found[order], counts[order]
            firsts = np.flatnonzero(np.diff(found, prepend=-1))
            runs = np.diff(firsts, append=found.size)
            into = np.repeat(free[found[firsts]] - firsts, runs) + np.arange(found.size)
            free[found[firsts]] += runs
            factor = counts / (counts + relative[documents])
            places[into] = documents
            weights[into] = np.maximum(1, np.rint(factor / UNIT))
        stops = np.isin(words, word_numbers(list(ENGLISH_STOP_WORDS))[0])
        return WordTable(
            lengths.size,
            dict(zip(ARRAYS, (words, stops, starts, places, weights), strict=True)),
        )

    def _blocks(
        self, words: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yields some postings at a time: document, place of the word, count."""
        ends = np.cumsum(np.array(self._distinct, np.int64))
        if not ends.size or not ends[-1]:
            return
        numbers = np.memmap(self._folder / "numbers", np.int64, "r")
        counts = np.memmap(self._folder / "counts", np.uint8, "r")
        for start in range(0, int(ends[-1]), _POSTINGS):
            part = slice(start, start + _POSTINGS)
            found = np.searchsorted(words, numbers[part])
            at = np.arange(start, start + found.size)
            yield np.searchsorted(ends, at, "right"), found, counts[part]


def _mapped(path: Path, kind: type, size: int) -> np.ndarray:
    """A new array in a file."""
    return np.memmap(path, kind, "w+", shape=size) if size else np.empty(0, kind)
