from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from wish_tf.errors import InputError

# What a posting's weight is a multiple of.
UNIT = 1 / 255
ARRAYS = {
    "words": np.int64,
    "stop_words": np.bool_,
    "word_starts": np.int64,
    "places": np.int32,
    "weights": np.uint8,
}


class WordTable:
    """Which documents have which words: posting lists, scored by BM25.

    The score of a document d for a query q is the sum over the words w of q of

        (1 + ln tf(w, q)) * ln(1 + (n - df(w) + 0.5) / (df(w) + 0.5))
            * tf(w, d) / (tf(w, d) + k1 * (1 - b + b * |d| / mean |d|))

    with k1 = 1.5 and b = 0.75, divided by the largest score of any document (Robertson
    and Zaragoza, "The Probabilistic Relevance Framework", 2009; idf as in Lucene). The
    last factor is kept in 8 bits. Stop words of a query count only if it has no other
    word that a document has.

    Args:
        documents: n.
        arrays: as `ARRAYS` names them: the numbers of all words, rising (see
            `word_numbers`); which are stop words; where the postings of each start,
            and where the last end [words + 1]; the document of each posting; and its
            last factor in units of `UNIT`.
    """

    def __init__(self, documents: int, arrays: Mapping[str, np.ndarray]) -> None:
        self.documents = documents
        # Slices of a memmap take longer than those of an array.
        self.arrays = {name: np.asarray(arrays[name]) for name in ARRAYS}
        self._words, self._stop_words, self._starts, self._places, self._weights = (
            self.arrays.values()
        )

    def is_sound(self) -> bool:
        """Whether the arrays fit together, without reading all postings."""
        words, starts = self._words, self._starts
        return bool(
            all(self.arrays[name].dtype == kind for name, kind in ARRAYS.items())
            and all(array.ndim == 1 for array in self.arrays.values())
            and words.size == self._stop_words.size == starts.size - 1
            and self._places.size == self._weights.size == starts[-1]
            and starts[0] == 0
            and (starts[1:] > starts[:-1]).all()
            and (words[1:] > words[:-1]).all()
        )

    def scores(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns the score of every document, float32 [n] from 0 to 1.

        Args:
            numbers: of the words of a query, repeated as they are there.

        Raises:
            InputError: if a posting that is read names no document.
        """
        asked, times = np.unique(numbers, return_counts=True)
        found = np.searchsorted(self._words, asked)
        known = np.flatnonzero(found < self._words.size)
        known = known[self._words[found[known]] == asked[known]]
        telling = known[~self._stop_words[found[known]]]
        known = telling if telling.size else known
        found, times = found[known], times[known]
        starts, ends = self._starts[found], self._starts[found + 1]
        sizes = ends - starts
        idf = np.log1p((self.documents - sizes + 0.5) / (sizes + 0.5))
        parts = list(map(slice, starts.tolist(), ends.tolist()))
        none = [np.empty(0, np.int32)]
        places = np.concatenate([self._places[part] for part in parts] or none)
        # Nothing below looks whether a place is one.
        if places.view(np.uint32).max(initial=0) >= max(1, self.documents):
            raise InputError(
                f"expected postings of {self.documents} documents; got a damaged one"
            )
        weights = np.concatenate([self._weights[part] for part in parts] or none)
        ends = np.append(0, np.cumsum(sizes)).astype(np.int32)
        shape = (self.documents, sizes.size)
        postings = csc_array((weights.astype(np.float32), places, ends), shape)
        scores = postings @ ((1 + np.log(times)) * idf).astype(np.float32)
        best = scores.max(initial=0)
        return scores / best if best else scores
