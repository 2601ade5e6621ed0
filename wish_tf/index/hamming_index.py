"""Exact nearest neighbours among short binary codes."""

from __future__ import annotations

import operator
import os

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.codes import check_bits, codes_to_int, unpack_bits
from wish_tf.errors import InputError
from wish_tf.index.index_file import read_index_file, write_index_file
from wish_tf.index.posting_table import PostingTable
from wish_tf.index.search_result import SearchResult

MAX_BITS = 16
_FORMAT = "wish_tf HammingIndex"
_VERSION = 1
_LARGEST_ID = np.iinfo(np.int64).max - 1


class HammingIndex:
    """Exact Hamming search through a table of 2^bits posting lists.

    A query visits the buckets around its code in the order of their distance and
    stops when it has enough documents. Its cost depends on how many buckets it
    visits and on k, not on the number of documents.

    `add` and `remove` cost time linear in the size of the index, so give them
    many documents at once. Any number of threads may search at the same time;
    only one may add or remove.

    Args:
        bits: Length of the codes, 1 to 16.

    Raises:
        InputError: If `bits` is anything else.
    """

    def __init__(self, bits: int) -> None:
        self._bits = _integer(bits, "bits")
        if not 1 <= self._bits <= MAX_BITS:
            raise InputError(
                f"bits must be from 1 to {MAX_BITS}, since longer codes are not "
                f"supported by a table with a list for every code; got {bits}."
            )
        self._next_id = 0
        # Ids, strictly increasing, and codes. One tuple, replaced as a whole, so
        # that a search beside an `add` sees both of before or both of after.
        self._documents = (np.empty(0, np.int64), np.empty(0, np.uint16))
        self._table: PostingTable | None = None

    @property
    def bits(self) -> int:
        """Length of the codes."""
        return self._bits

    def __len__(self) -> int:
        """Number of documents."""
        return self._documents[0].size

    def add(
        self, codes: ArrayLike, ids: ArrayLike | None = None, *, packed: bool = False
    ) -> np.ndarray:
        """Adds documents.

        Args:
            codes: Codes, [n, bits] of 0 and 1.
            ids: Their ids, integers [n], not negative and not in use. By default
                they count on from the largest id ever added, from 0 at first, so
                the id of a removed document is not given to another.
            packed: Whether `codes` are packed bytes, uint8 [n, ceil(bits / 8)],
                instead (see `wish_tf.codes.pack_bits`).

        Returns:
            The ids, int64 [n].

        Raises:
            InputError: If codes or ids are malformed, or an id occurs twice or is
                in use already; nothing is added then.
        """
        new_codes = self._integers(codes, packed)
        old_ids, old_codes = self._documents
        if ids is None:
            if new_codes.size > _LARGEST_ID - self._next_id + 1:
                raise InputError(
                    f"there must be ids up to {_LARGEST_ID} left for new documents; "
                    f"got {new_codes.size} documents to number from {self._next_id}."
                )
            new_ids = np.arange(self._next_id, self._next_id + new_codes.size)
        else:
            new_ids = _check_ids(ids)
            if new_ids.size != new_codes.size:
                raise InputError(
                    f"ids must be one for each of the {new_codes.size} codes; "
                    f"got {new_ids.size}."
                )
        if new_ids.size == 0:
            return new_ids
        all_ids = np.concatenate([old_ids, new_ids])
        all_codes = np.concatenate([old_codes, new_codes])
        if ids is not None:
            # Linear where the ids come in order already.
            order = np.argsort(all_ids, kind="stable")
            all_ids, all_codes = all_ids[order], all_codes[order]
            repeated = all_ids[1:] == all_ids[:-1]
            if repeated.any():
                raise InputError(
                    "ids must be new and distinct; got the id "
                    f"{all_ids[np.argmax(repeated)]}, which is in use already or "
                    "given twice."
                )
        self._documents = (all_ids, all_codes)
        self._next_id = max(self._next_id, int(all_ids[-1]) + 1)
        return new_ids

    def remove(self, ids: ArrayLike) -> None:
        """Removes documents.

        Args:
            ids: Ids of documents in the index, integers [n].

        Raises:
            InputError: If an id is not in the index; nothing is removed then.
        """
        gone = _check_ids(ids)
        old_ids, old_codes = self._documents
        position = np.searchsorted(old_ids, gone)
        known = position < old_ids.size
        known[known] = old_ids[position[known]] == gone[known]
        if not known.all():
            raise InputError(
                "ids to remove must be in the index; "
                f"got {gone[np.argmin(known)]}, which is not."
            )
        keep = np.ones(old_ids.size, bool)
        keep[position] = False
        self._documents = (old_ids[keep], old_codes[keep])

    def search(
        self, codes: ArrayLike, k: int = 10, *, packed: bool = False
    ) -> SearchResult:
        """Finds the k nearest documents of each query.

        The result is exact and does not depend on the order in which documents
        were added: nearest first, of equally near ones the smaller id first.

        Args:
            codes: Codes of the queries, [q, bits] of 0 and 1.
            k: Number of documents per query, at least 1.
            packed: Whether `codes` are packed bytes instead.

        Returns:
            Ids and distances, each [q, k]; where the index has fewer than k
            documents the rows end in id -1 and distance -1.

        Raises:
            InputError: If codes are malformed or k is not a positive integer.
        """
        queries = self._integers(codes, packed)
        k = _integer(k, "k")
        if k < 1:
            raise InputError(f"k must be at least 1; got {k}.")
        distinct, row = np.unique(queries, return_inverse=True)
        ids, distances = self._current_table().nearest(distinct, k)
        return SearchResult(ids[row], distances[row])

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
        queries = self._integers(codes, packed)
        radius = _integer(radius, "radius")
        if radius < 0:
            raise InputError(f"radius must be at least 0; got {radius}.")
        table = self._current_table()
        results = []
        distinct, row = np.unique(queries, return_inverse=True)
        for query in distinct.tolist():
            ids, distances = table.within(query, radius)
            ids.flags.writeable = distances.flags.writeable = False
            results.append(SearchResult(ids, distances))
        return [results[number] for number in row.tolist()]

    def bucket_sizes(self) -> np.ndarray:
        """Number of documents of each code.

        Returns:
            int64 [2**bits], by the code as an integer (see
            `wish_tf.codes.codes_to_int`).
        """
        return self._current_table().sizes.copy()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Saves the index as one file.

        Args:
            path: The file, used exactly as given. A former file is replaced only
                when the new one is complete.

        Raises:
            InputError: If the folder does not exist or the path is a folder.
            OSError: If the file system refuses to write.
        """
        ids, codes = self._documents
        write_index_file(
            path,
            _FORMAT,
            _VERSION,
            {
                "bits": np.array(self._bits, np.int64),
                "next_id": np.array(self._next_id, np.int64),
                "ids": ids,
                "codes": codes,
            },
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> HammingIndex:
        """Loads an index that `save` wrote.

        Args:
            path: The file, used exactly as given.

        Returns:
            An index with the same documents, which gives new documents the same
            ids as the one saved would.

        Raises:
            InputError: If there is no such file, or it is something else, damaged
                or of another version.
        """
        stored = read_index_file(path, _FORMAT, _VERSION)
        if not _is_sound(stored):
            raise InputError(
                f"{os.fspath(path)!r} must be a {_FORMAT} file; "
                "got one whose contents contradict each other."
            )
        index = cls(int(stored["bits"]))
        index._next_id = int(stored["next_id"])
        index._documents = (stored["ids"], stored["codes"])
        return index

    def _current_table(self) -> PostingTable:
        ids, codes = self._documents
        table = self._table
        if table is None or table.ids is not ids:
            table = self._table = PostingTable(ids, codes, self._bits)
        return table

    def _integers(self, codes: ArrayLike, packed: bool) -> np.ndarray:
        bits = unpack_bits(codes, self._bits) if packed else check_bits(codes)
        if bits.shape[1] != self._bits:
            raise InputError(
                f"codes must have {self._bits} bits, as the index has; "
                f"got {bits.shape[1]}."
            )
        return codes_to_int(bits).astype(np.uint16)


def _integer(value: int, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise InputError(f"{name} must be an integer; got {value!r}.") from None


def _check_ids(ids: ArrayLike) -> np.ndarray:
    try:
        array = np.asarray(ids)
    except (ValueError, OverflowError):
        array = np.empty((), object)
    if array.ndim != 1 or (array.dtype.kind not in "ui" and array.size):
        raise InputError(
            "ids must be a 1-D array of integers; "
            f"got {array.dtype} of shape {array.shape}."
        )
    wrong = (array < 0) | (array > _LARGEST_ID)
    if wrong.any():
        raise InputError(
            f"ids must be from 0 to {_LARGEST_ID}; got {array[np.argmax(wrong)]}."
        )
    # A copy, so that later changes of the caller's array cannot reach the index.
    return array.astype(np.int64)


def _is_sound(stored: dict[str, np.ndarray]) -> bool:
    if set(stored) != {"bits", "next_id", "ids", "codes"}:
        return False
    bits, next_id = stored["bits"], stored["next_id"]
    ids, codes = stored["ids"], stored["codes"]
    if not (
        bits.dtype == next_id.dtype == ids.dtype == np.int64
        and codes.dtype == np.uint16
        and bits.shape == next_id.shape == ()
        and ids.ndim == 1
        and codes.shape == ids.shape
        and 1 <= bits <= MAX_BITS
        and next_id >= 0
    ):
        return False
    return ids.size == 0 or bool(
        ids[0] >= 0
        and (ids[1:] > ids[:-1]).all()
        and next_id > ids[-1]
        and codes.max() >> bits == 0
    )
