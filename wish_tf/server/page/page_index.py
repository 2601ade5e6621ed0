"""What the page shows of the documents of an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wish_tf.codes import code_strings, unpack_bits
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.code_words import expand, to_packed, to_words
from wish_tf.index.document_index import DocumentIndex
from wish_tf.server.page.code_use import CodeUse

# Distances that are shown around a code, and documents of each.
NEAREST = 3
DOCUMENTS_OF_EACH = 5
BUCKETS_AT_ONCE = 12
DOCUMENTS_AT_ONCE = 10
# Characters of a document that are sent: some lines, whatever it is.
TEXT = 400


class PageIndex:
    """The documents of a `DocumentIndex`, grouped by their codes; immutable.

    Attributes:
        name: Name of its file.
        bits: Length of the codes.
        documents: How many there are.
        left_out: How many documents had no word that the model knows.
        use: How the documents use the codes; None if there are none.
    """

    def __init__(self, path: Path) -> None:
        """Maps the file and groups its documents.

        Args:
            path: What `wish-tf index` wrote.

        Raises:
            InputError: If it is missing, damaged or something else.
        """
        self.name = path.name
        self._index = DocumentIndex.load(path)
        self.bits = self._index.index.bits
        self.left_out = self._index.skipped
        words, ids = self._index.index.documents.all()
        self.documents = ids.size
        # By code, of equal codes by id.
        order = np.lexsort((ids, *reversed(words.T)))
        words, self._ids = words[order], ids[order]
        first = np.ones(ids.size, bool)
        first[1:] = (words[1:] != words[:-1]).any(axis=1)
        self._starts = np.flatnonzero(first)
        self._codes = words[self._starts]
        self._sizes = np.diff(self._starts, append=ids.size)
        self._by_size = np.argsort(-self._sizes, kind="stable")
        self.use = None
        if self.documents:
            self.use = CodeUse.of_buckets(
                f"the documents of {self.name}",
                self._bits_of(self._codes),
                self._sizes,
                self.left_out,
            )

    def fits(self, hash_texts: Callable[[list[str]], HashedTexts]) -> bool:
        """Whether a model made the index; see `DocumentIndex.fits`."""
        return self._index.fits(hash_texts)

    def neighbours(self, code: np.ndarray) -> dict[str, Any]:
        """The documents around a code.

        Args:
            code: uint8 0/1 [bits]; no document need have it.

        Returns:
            `spectrum`, how many documents are 0, 1, ... bits away, and `groups`: of
            the nearest distances with documents, the `distance`, how many `documents`
            are so far away and the first of them in the order of the corpus, `hits`.
        """
        query = to_words(code[None], self.bits, packed=False)
        away = np.bitwise_count(self._codes ^ query).sum(axis=1, dtype=np.int64)
        spectrum = np.bincount(away, self._sizes, self.bits + 1).astype(np.int64)
        nearest = np.flatnonzero(spectrum)[:NEAREST].tolist()
        return {
            "spectrum": spectrum.tolist(),
            "groups": [
                {
                    "distance": distance,
                    "documents": int(spectrum[distance]),
                    "hits": self._hits(
                        np.flatnonzero(away == distance), 0, DOCUMENTS_OF_EACH
                    ),
                }
                for distance in nearest
            ],
        }

    def search(self, text: str, code: np.ndarray | None) -> dict[str, Any]:
        """The documents that suit a text by its words and a code, best first.

        Args:
            text: What is asked.
            code: uint8 0/1 [bits]; None if the model knows no word of the text.

        Raises:
            InputError: If no document has a word of the text either.
        """
        ranking = self._index.search(text, code, DOCUMENTS_AT_ONCE)
        hits = zip(
            ranking.places.tolist(),
            ranking.distances.tolist(),
            ranking.scores.tolist(),
            strict=True,
        )
        return {
            "hits": [
                {**self._document(place), "distance": distance, "score": score}
                for place, distance, score in hits
            ]
        }

    def buckets(self, start: int) -> dict[str, Any]:
        """Codes and how many documents have them, the largest bucket first.

        Args:
            start: How many of the largest are left out.
        """
        shown = self._by_size[start : start + BUCKETS_AT_ONCE]
        codes = code_strings(self._bits_of(self._codes[shown])) if shown.size else []
        return {
            "total": self._sizes.size,
            "start": start,
            "at_once": BUCKETS_AT_ONCE,
            "buckets": [
                {"code": code, "documents": size}
                for code, size in zip(codes, self._sizes[shown].tolist(), strict=True)
            ],
        }

    def bucket(self, code: np.ndarray, start: int) -> dict[str, Any]:
        """Documents with a code, in the order of the corpus.

        Args:
            code: uint8 0/1 [bits].
            start: How many of the first are left out.
        """
        query = to_words(code[None], self.bits, packed=False)
        place = np.flatnonzero((self._codes == query).all(axis=1))
        return {
            "documents": int(self._sizes[place].sum()),
            "start": start,
            "at_once": DOCUMENTS_AT_ONCE,
            "hits": self._hits(place, start, DOCUMENTS_AT_ONCE),
        }

    def _hits(
        self, buckets: np.ndarray, start: int, count: int
    ) -> list[dict[str, Any]]:
        """Some of the documents of some buckets."""
        # The first of all are among the first of each, however large it is.
        sizes = np.minimum(self._sizes[buckets], start + count)
        places = expand(self._starts[buckets], sizes)
        first = np.argsort(self._ids[places], kind="stable")[start : start + count]
        codes = self._bits_of(self._codes[np.repeat(buckets, sizes)[first]])
        return [
            {**self._document(number), "code": code}
            for number, code in zip(
                self._ids[places[first]].tolist(),
                code_strings(codes) if first.size else [],
                strict=True,
            )
        ]

    def _document(self, number: int) -> dict[str, Any]:
        text = self._index.texts[number]
        return {
            "id": self._index.names[number],
            "text": text[:TEXT],
            "cut": len(text) > TEXT,
        }

    def _bits_of(self, words: np.ndarray) -> np.ndarray:
        return unpack_bits(to_packed(words, self.bits), self.bits)
