"""Exact nearest neighbours among binary codes."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.checks import whole_number
from wish_tf.errors import InputError
from wish_tf.index.code_words import leading, to_packed, to_words
from wish_tf.index.documents import Documents
from wish_tf.index.ids import LARGEST_ID, Ids, check_ids
from wish_tf.index.index_file import contradiction, read_index_file, write_index_file
from wish_tf.index.results import result_of
from wish_tf.index.search_result import SearchResult
from wish_tf.index.stored_documents import MAX_BITS, contents_of, documents_of

_COUNTED_BITS = 20
# Places in the arrays that a search returns, all of which it makes.
_MOST_RESULTS = 2**31 - 1
_FORMAT = "wish_tf HammingIndex"
_VERSION = 2


class HammingIndex:
    """Exact Hamming search, in a form that suits length and number of the codes.

    Up to 16 bits a table of posting lists answers, whose cost does not depend on the
    number of documents; above, multi-index hashing or a comparison with all codes
    (`wish_tf.index.tables` has the rule).

    Documents are in segments, each with a table of its own. `add` makes a small one,
    at the latest when the next search needs it; as long as the newest has more than a
    quarter of the documents of the one before, both become one. `remove` marks
    documents until a quarter of a segment is marked, and `update` does both. A search
    asks every segment, so an index that is saved and loaded, which is one segment, is
    searched fastest. Any number of threads may search and change the index at the same
    time; a search sees all of a change or nothing of it.

    Args:
        bits: Length of the codes, 1 to 256.

    Raises:
        InputError: If `bits` is anything else.

    Examples:
        >>> index = HammingIndex(bits=4)
        >>> index.add([[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 0, 0]])
        array([0, 1, 2])
        >>> found = index.search([[0, 0, 1, 1]], k=2)
        >>> found.ids, found.distances
        (array([[0, 1]]), array([[0, 1]], dtype=int32))
        >>> index.search_radius([[1, 1, 0, 1]], radius=1)[0].ids
        array([2])
    """

    def __init__(self, bits: int) -> None:
        self._bits = whole_number(bits, "bits", 1, MAX_BITS)
        self._documents = Documents(self._bits)
        self._change = threading.Lock()

    @property
    def bits(self) -> int:
        """Length of the codes."""
        return self._bits

    @property
    def nbytes(self) -> int:
        """Size of the documents' codes, ids and tables in bytes, with what is marked
        as removed."""
        return sum(segment.nbytes for segment in self._current().segments)

    def __len__(self) -> int:
        """Number of documents."""
        return len(self._documents)

    def add(
        self, codes: ArrayLike, ids: ArrayLike | None = None, *, packed: bool = False
    ) -> np.ndarray:
        """Adds documents.

        Args:
            codes: Codes, [n, bits] of 0 and 1.
            ids: Their ids, [n], not in use: either integers that are not negative or
                strings, and all of an index of one kind. By default they count on
                from the largest integer id ever added, from 0 at first, so the id of
                a removed document is not given to another.
            packed: Whether `codes` are packed bytes, uint8 [n, ceil(bits / 8)],
                instead (see `wish_tf.codes.pack_bits`).

        Returns:
            The ids, int64 [n] or str objects [n].

        Raises:
            InputError: If codes or ids are malformed, or an id occurs twice or is
                in use already; nothing is added then.
        """
        words = to_words(codes, self._bits, packed)
        given = None if ids is None else _paired(check_ids(ids), words)
        with self._change:
            new = self._numbers(len(words)) if given is None else given
            self._documents = self._documents.added(words, new)
        return _as_array(new)

    def remove(self, ids: ArrayLike) -> None:
        """Removes documents.

        Args:
            ids: Ids of documents in the index, [n].

        Raises:
            InputError: If an id is not in the index; nothing is removed then.
        """
        gone = check_ids(ids)
        with self._change:
            self._documents = self._documents.removed(gone)

    def update(self, codes: ArrayLike, ids: ArrayLike, *, packed: bool = False) -> None:
        """Gives documents other codes.

        Args:
            codes: The new codes, [n, bits] of 0 and 1.
            ids: Ids of documents in the index, [n].
            packed: Whether `codes` are packed bytes instead.

        Raises:
            InputError: If codes or ids are malformed, or an id occurs twice or is
                not in the index; nothing is changed then.
        """
        words = to_words(codes, self._bits, packed)
        changed = _paired(check_ids(ids), words)
        with self._change:
            self._documents = self._documents.updated(words, changed)

    def merge(self, other: HammingIndex) -> None:
        """Adds the documents of another index, with their ids.

        Args:
            other: An index of the same length of codes; it stays as it is.

        Raises:
            InputError: If it is no index, the lengths differ or an id is in both;
                nothing is added then.
        """
        if not isinstance(other, HammingIndex):
            raise InputError(
                f"expected an index to merge with; got {type(other).__name__}"
            )
        if other.bits != self._bits:
            raise InputError(
                f"expected an index to merge with codes of {self._bits} bits; "
                f"got one of {other.bits}"
            )
        words, ids = other._current().all()
        new = ids.tolist() if ids.dtype == object else ids
        with self._change:
            self._documents = self._documents.added(words, new)

    def search(
        self,
        codes: ArrayLike,
        k: int = 10,
        *,
        packed: bool = False,
    ) -> SearchResult:
        """Finds the k nearest documents of each query.

        The result is exact and does not depend on the order in which documents
        were added: nearest first, of equally near ones the smaller id first.

        Args:
            codes: Codes of the queries, [q, bits] of 0 and 1.
            k: Number of documents per query, at least 1.
            packed: Whether `codes` are packed bytes instead.

        Returns:
            Ids, distances and codes, each [q, k, ...]; where the index has fewer
            than k documents the rows end in id -1 (None with string ids) and
            distance -1.

        Raises:
            InputError: If an argument is malformed.
        """
        words = to_words(codes, self._bits, packed)
        k = whole_number(k, "k", 1, _MOST_RESULTS // max(1, len(words)))
        distinct, places = _distinct(words)
        hits = self._current().search(distinct, k)
        if len(words) > 1:
            hits = hits.reordered(places)
        return result_of(hits, k, self._bits)

    def search_radius(
        self, codes: ArrayLike, radius: int, *, packed: bool = False
    ) -> list[SearchResult]:
        """Finds all documents within a distance of each query.

        Args:
            codes: Codes of the queries, [q, bits] of 0 and 1.
            radius: Largest distance in bits, at least 0.
            packed: Whether `codes` are packed bytes instead.

        Returns:
            For each query its documents, ids and distances [hits], nearest first,
            of equally near ones the smaller id first. Equal queries share one
            result, so the arrays are read-only.

        Raises:
            InputError: If codes are malformed or the radius is no integer of at
                least 0.
        """
        words = to_words(codes, self._bits, packed)
        radius = whole_number(radius, "radius", 0)
        distinct, places = _distinct(words)
        radii = np.full(len(distinct), min(radius, self._bits))
        hits = self._current().search(distinct, None, radii)
        ids = hits.ids
        distances = hits.distances.astype(np.int32)
        packed_codes = to_packed(hits.words, self._bits)
        ties = np.zeros((), np.int64)
        for array in (ids, distances, packed_codes, ties):
            array.flags.writeable = False
        ends = np.cumsum(hits.counts).tolist()
        results = [
            SearchResult(
                ids[start:end], distances[start:end], packed_codes[start:end], ties
            )
            for start, end in zip([0, *ends], ends, strict=False)
        ]
        return [results[place] for place in places.tolist()]

    def bucket_sizes(self) -> np.ndarray:
        """Number of documents of each code.

        Returns:
            int64 [2**bits], by the code as an integer (see
            `wish_tf.codes.codes_to_int`).

        Raises:
            InputError: If the codes are longer than 20 bits.
        """
        if self._bits > _COUNTED_BITS:
            raise InputError(
                f"expected codes of at most {_COUNTED_BITS} bits to be counted; "
                f"got {self._bits}"
            )
        words, _ = self._current().all()
        return np.bincount(leading(words, self._bits), minlength=1 << self._bits)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Saves the index as one file, in which it is one segment.

        Args:
            path: The file, used exactly as given. A former file is replaced only
                when the new one is complete.

        Raises:
            InputError: If the folder does not exist or the path is a folder.
            OSError: If the file system refuses to write.
        """
        write_index_file(path, _FORMAT, _VERSION, *contents_of(self._current()))

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, verify: bool = False
    ) -> HammingIndex:
        """Maps an index that `save` wrote.

        The codes stay in the file until a search needs them. The header and arrays
        of up to 16 MiB are always compared with their checksums, larger ones on
        demand.

        Args:
            path: The file, used exactly as given.
            verify: Whether all arrays are compared with their checksums, for which
                the whole file must be read.

        Returns:
            An index with the same documents, which gives new documents the same
            ids as the one saved would.

        Raises:
            InputError: If there is no such file, or it is something else, damaged
                or of a version that cannot be read.
        """
        documents = documents_of(
            *read_index_file(path, _FORMAT, _VERSION, verify=verify)
        )
        if documents is None:
            raise contradiction(path, _FORMAT)
        return cls.of(documents)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the lock, which belongs to its process.
        return HammingIndex.of, (self._current(),)

    @classmethod
    def of(cls, documents: Documents) -> HammingIndex:
        """Makes an index of what another held."""
        index = cls(documents.bits)
        index._documents = documents
        return index

    @property
    def documents(self) -> Documents:
        """What the index holds at the moment; immutable."""
        return self._current()

    def _current(self) -> Documents:
        """The documents, all of them in segments."""
        documents = self._documents
        if documents.waiting:
            with self._change:
                documents = self._documents = self._documents.tabled()
        return documents

    def _numbers(self, count: int) -> np.ndarray:
        documents = self._documents
        if documents.strings and count:
            raise InputError(
                "expected ids, since those in the index are strings; got none"
            )
        start = documents.next_id
        if count > LARGEST_ID - start + 1:
            raise InputError(
                f"expected ids up to {LARGEST_ID} left for new documents; "
                f"got {count} documents to number from {start}"
            )
        return np.arange(start, start + count)


def _paired(ids: Ids, words: np.ndarray) -> Ids:
    if len(ids) != len(words):
        raise InputError(
            f"expected an id for each of {len(words)} codes; got {len(ids)}"
        )
    return ids


def _as_array(ids: Ids) -> np.ndarray:
    return np.array(ids, object) if isinstance(ids, list) else ids


def _distinct(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct queries, and the place of each query among them."""
    if len(words) == 1:
        return words, np.zeros(1, np.int64)
    if words.shape[1] > 1:
        return np.unique(words, axis=0, return_inverse=True)
    distinct, places = np.unique(words[:, 0], return_inverse=True)
    return distinct[:, None], places
