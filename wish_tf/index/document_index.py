from __future__ import annotations

import dataclasses
import math
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wish_tf.checks import whole_number
from wish_tf.codes import unpack_bits
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.code_words import to_packed, to_words
from wish_tf.index.columns import distances, to_columns
from wish_tf.index.hamming_index import HammingIndex
from wish_tf.index.index_file import contradiction, read_index_file, write_index_file
from wish_tf.index.stored_documents import are_places, contents_of, documents_of
from wish_tf.index.string_table import StringTable
from wish_tf.index.word_numbers import word_numbers
from wish_tf.index.word_spool import WordSpool
from wish_tf.index.word_table import ARRAYS, WordTable

_FORMAT = "wish_tf DocumentIndex"
_VERSION = 3
_STRINGS = ("texts", "text_ends", "titles", "title_ends")
# Documents that are hashed again to tell models apart. One is enough to tell other
# weights of many bits, some more are sure for few.
_SAMPLE = 64
# A probability depends, in its last digits, on what else is in the batch.
_LEVEL = 1e-4
# Words of a query, stop words among them, that is a request and no text.
REQUEST_WORDS = 8


@dataclasses.dataclass(frozen=True)
class Ranking:
    """Documents in the order of their scores, of equal ones in the corpus's order.

    Attributes:
        places: int64 [k], their places in the corpus.
        scores: float32 [k], of 1 at most.
        distances: int32 [k], Hamming distances in bits; -1 where the query or the
            document has no word that the model knows, and so no code.
    """

    places: NDArray[np.int64]
    scores: NDArray[np.float32]
    distances: NDArray[np.int32]


class DocumentIndex:
    """Documents with their words and codes, and the model that hashed them.

    `search` ranks all documents by

        BM25 / its maximum for the query  -  bit_weight * Hamming distance

    Documents without a known word have no code: they are not in `index`, and count
    as half of the bits away, as a code drawn at random would be.

    Args:
        codes: the documents' codes.
        names: what each document is called, n strings.
        texts: the documents, n strings.
        model: path of the SavedModel that hashed them.
        bit_weight: what a bit that differs costs, above 0; None: 0.5 / bits.

    Attributes:
        index: the codes; the id of a document is its place in `names`.
        names, texts: as given, decoded from UTF-8 when asked for.
        words: the words of the documents.
        model: as given; of a loaded index, where the model is now: at the same place
            seen from the index as when it was saved, or else where it was.
        bit_weight: as given; it can be set (see `weigh_bits`).
        request_share: of this, what a bit costs a query of at most eight words, above 0
            and up to 1.
        skipped: how many of the documents have no code.

    Raises:
        InputError: if names and texts are not as many as codes, or the weight of a bit
            is not above 0.
    """

    def __init__(
        self,
        codes: HashedTexts,
        names: Sequence[str],
        texts: Sequence[str],
        model: str | Path,
        bit_weight: float | None = None,
    ):
        count = len(codes.out_of_vocabulary)
        if not len(names) == len(texts) == count:
            raise InputError(
                f"expected a name and a text for each of {count} codes; got "
                f"{len(names)} names and {len(texts)} texts"
            )
        known = np.flatnonzero(~codes.out_of_vocabulary)
        index = HammingIndex(codes.probabilities.shape[1])
        index.add(codes.bits[known], ids=known)
        # A file that is mapped may be removed.
        with (
            tempfile.TemporaryDirectory() as folder,
            WordSpool(Path(folder) / "words") as spool,
        ):
            spool.add(texts)
            words = spool.table()
        self._set(index, StringTable.of(names), StringTable.of(texts), words)
        self.model = str(model)
        if bit_weight is not None:
            self.bit_weight = bit_weight

    @classmethod
    def of(
        cls,
        index: HammingIndex,
        names: StringTable,
        texts: StringTable,
        words: WordTable,
        model: str | Path,
    ) -> DocumentIndex:
        """Makes one of codes whose ids are places in `names`, `texts` and `words`."""
        documents = cls.__new__(cls)
        documents._set(index, names, texts, words)
        documents.model = str(model)
        return documents

    def _set(
        self,
        index: HammingIndex,
        names: StringTable,
        texts: StringTable,
        words: WordTable,
    ) -> None:
        self.index, self.names, self.texts, self.words = index, names, texts, words
        self.skipped = len(names) - len(index)
        self.bit_weight, self.request_share = 0.5 / index.bits, 1.0

    @property
    def bit_weight(self) -> float:
        return self._bit_weight

    @bit_weight.setter
    def bit_weight(self, weight: float) -> None:
        if not 0 < weight < math.inf:
            raise InputError(f"expected a weight of a bit above 0; got {weight!r}")
        self._bit_weight = float(weight)

    @property
    def request_share(self) -> float:
        return self._request_share

    @request_share.setter
    def request_share(self, share: float) -> None:
        if not 0 < share <= 1:
            raise InputError(
                f"expected a share of a bit's weight above 0 and up to 1; got {share!r}"
            )
        self._request_share = float(share)

    def search(self, query: str, code: ArrayLike | None, k: int = 10) -> Ranking:
        """Ranks all documents by words and code.

        Args:
            query: a text; its words need not be known to the model.
            code: its code, [bits] of 0 and 1; None for one without a known word,
                which is ranked by words alone.
            k: how many documents are returned at most, from 1.

        Raises:
            InputError: if an argument is malformed, or the query has neither a code
                nor a word that a document has.
        """
        k = min(whole_number(k, "k", 1), len(self.names))
        asked, _ = word_numbers([query])
        scores = self.words.scores(asked)
        away = None if code is None else self.distances(code)
        if away is None and not scores.any():
            raise InputError(
                "expected a query with a word that the model or a document knows; "
                f"got {query!r}"
            )
        if away is not None:
            share = self.request_share if len(asked) <= REQUEST_WORDS else 1
            scores -= away * np.float32(share * self.bit_weight)
        places = first_places(scores, k)
        found = np.full(k, -1, np.int32)
        if away is not None:
            coded = self._by_place[1][places]
            found[coded] = away[places[coded]]
        return Ranking(places, scores[places], found)

    def distances(self, code: ArrayLike) -> NDArray[np.unsignedinteger]:
        """Returns the Hamming distance of every document, uint8 or uint16 [n]; of
        those without a code half the number of bits.

        Args:
            code: [bits] of 0 and 1.

        Raises:
            InputError: if it is malformed.
        """
        columns, known = self._by_place
        words = to_words(np.asarray(code)[None], self.index.bits, packed=False)
        query = to_columns(words, self.index.bits)
        away = distances(columns, [column[0] for column in query])
        if self.skipped:
            away[~known] = self.index.bits // 2
        return away

    @cached_property
    def _by_place(self) -> tuple[list[np.ndarray], NDArray[np.bool_]]:
        """The codes of all documents, as columns, and which have one."""
        words, ids = self.index.documents.all()
        by_place = np.zeros((len(self.names), words.shape[1]), np.uint64)
        by_place[ids] = words
        known = np.zeros(len(self.names), bool)
        known[ids] = True
        return to_columns(by_place, self.index.bits), known

    def save(self, path: str | Path) -> None:
        """Writes one file, whole or not at all."""
        values, arrays = contents_of(self.index.documents)
        parts = (self.texts.text, self.texts.ends, self.names.text, self.names.ends)
        strings = dict(zip(_STRINGS, parts, strict=True))
        here = os.path.dirname(os.path.realpath(path))
        relative = os.path.relpath(os.path.realpath(self.model), here)
        values |= {
            "model": self.model,
            "model_from_here": relative,
            "bit_weight": self.bit_weight,
            "request_share": self.request_share,
        }
        arrays |= strings | self.words.arrays
        write_index_file(path, _FORMAT, _VERSION, values, arrays)

    @classmethod
    def load(cls, path: str | Path) -> DocumentIndex:
        """Maps what `save` wrote; see `HammingIndex.load`.

        Raises:
            InputError: when the file is missing, damaged or something else.
        """
        values, arrays = read_index_file(path, _FORMAT, _VERSION)
        model, relative = values.get("model"), values.get("model_from_here")
        weight, share = values.get("bit_weight"), values.get("request_share")
        if not {*_STRINGS, *ARRAYS} <= arrays.keys():
            raise contradiction(path, _FORMAT)
        strings = [arrays.pop(name) for name in _STRINGS]
        postings = {name: arrays.pop(name) for name in ARRAYS}
        found = documents_of(values, arrays)
        if (
            found is None
            or not isinstance(model, str)
            or not isinstance(relative, str)
            or not isinstance(weight, float)
            or not 0 < weight < math.inf
            or not isinstance(share, float)
            or not 0 < share <= 1
        ):
            raise contradiction(path, _FORMAT)
        texts, names = StringTable(*strings[:2]), StringTable(*strings[2:])
        words = WordTable(len(names), postings)
        sound = names.is_sound() and texts.is_sound() and words.is_sound()
        if (
            not sound
            or len(names) != len(texts)
            or not are_places(found.whole().table.ids, len(names))
        ):
            raise contradiction(path, _FORMAT)
        here = os.path.dirname(os.path.realpath(path))
        moved = os.path.normpath(os.path.join(here, relative))
        documents = cls.of(
            HammingIndex.of(found),
            names,
            texts,
            words,
            moved if os.path.exists(moved) else model,
        )
        documents.bit_weight, documents.request_share = weight, share
        return documents

    def fits(self, hash_texts: Callable[[list[str]], HashedTexts]) -> bool:
        """Whether a model gives documents from all over the index the codes here.

        Args:
            hash_texts: hashes n texts with the model, which has as many bits.
        """
        words, ids = self.index.documents.all()
        places = np.unique(np.linspace(0, max(0, ids.size - 1), _SAMPLE, dtype=int))
        places = places[: ids.size]
        if not places.size:
            return True
        hashed = hash_texts([self.texts[number] for number in ids[places].tolist()])
        if hashed.out_of_vocabulary.any():
            return False
        bits = self.index.bits
        codes = unpack_bits(to_packed(words[places], bits), bits)
        decided = np.abs(hashed.probabilities - 0.5) > _LEVEL
        return bool(((hashed.bits == codes) | ~decided).all())


def first_places(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Returns the places of the k largest scores, largest first, of equal ones the
    first first."""
    if not k:
        return np.empty(0, np.int64)
    # No less than the k-th largest of some is the k-th largest of all.
    some = scores[:: min(64, max(1, scores.size // (16 * k)))]
    least = np.partition(some, -k)[-k]
    near = np.flatnonzero(scores >= least)
    return near[np.argsort(-scores[near], kind="stable")[:k]]
