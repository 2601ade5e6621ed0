"""A part of what a `HammingIndex` holds."""

from __future__ import annotations

import dataclasses

import numpy as np

from wish_tf.index.hits import Hits
from wish_tf.index.ids import Ids
from wish_tf.index.string_table import StringTable
from wish_tf.index.table import Table
from wish_tf.index.tables import build_table, join_tables

# Ids compared at once, and those of their last bits that tell most of them apart.
_AT_ONCE = 1 << 16


@dataclasses.dataclass(frozen=True)
class Segment:
    """Documents in a table of their own; immutable.

    With string ids the table knows a document by the rank of its id among those of
    the segment, which orders ties as the strings do.

    Attributes:
        table: the documents.
        names: the string ids, sorted; None with integer ids.
    """

    table: Table
    names: StringTable | None

    @classmethod
    def of(cls, bits: int, words: np.ndarray, ids: Ids) -> Segment:
        """Makes one of words, uint64 [n, w], and ids, [n]."""
        if not isinstance(ids, list):
            return cls(build_table(bits, words, ids), None)
        order = sorted(range(len(ids)), key=ids.__getitem__)
        ranks = np.empty(len(ids), np.int64)
        ranks[order] = np.arange(len(ids))
        names = StringTable.of([ids[i] for i in order])
        return cls(build_table(bits, words, ranks), names)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        arrays = [*self.table.arrays.values(), self.table.removed]
        if self.names is not None:
            arrays += [self.names.text, self.names.ends]
        return sum(array.nbytes for array in arrays)

    def joined(self, other: Segment | None = None) -> Segment:
        """One of the documents, of both if another is given, that are not removed."""
        names, ranks = self._kept()
        if other is None:
            return Segment(join_tables([self.table], [ranks]), names)
        listed, new = other._kept()
        if names is not None and listed is not None:
            places, _ = names.find(listed)
            ranks = ranks + places.searchsorted(ranks, side="right")
            new = (places + np.arange(places.size))[new]
            names = names.inserted(places, listed)
        return Segment(join_tables([self.table, other.table], [ranks, new]), names)

    def _kept(self) -> tuple[StringTable | None, np.ndarray]:
        """The names of documents that are not removed, and by places among all names
        those among these, int64 [names]; without names None and an empty array."""
        if self.names is None:
            return None, np.empty(0, np.int64)
        keep = np.ones(len(self.names), bool)
        keep[self.table.ids[self.table.removed]] = False
        return self.names.kept(keep), np.cumsum(keep) - 1

    def without(self, places: np.ndarray) -> Segment:
        """One in which more documents are marked as removed."""
        return Segment(self.table.without(places), self.names)

    def user_ids(self, ids: np.ndarray) -> np.ndarray:
        """Ids of the table as the user knows them: int64, or str objects."""
        if self.names is None:
            return ids.astype(np.int64)
        found = np.empty(ids.size, object)
        found[:] = [self.names[i] for i in ids.tolist()]
        return found

    def places(self, ids: Ids) -> np.ndarray:
        """Where documents are in the table, int64 [n]; -1 for those that are not
        there. All ids of the table are read."""
        if isinstance(ids, list):
            wanted, known = (self.names or StringTable.of([])).find(ids)
            wanted[~known] = -1
        else:
            wanted = ids
        asked, inverse = np.unique(wanted, return_inverse=True)
        places = np.full(asked.size, -1)
        marks = np.zeros(_AT_ONCE, bool)
        marks[asked % _AT_ONCE] = True
        listed = self.table.ids
        for start in range(0, listed.size, _AT_ONCE):
            part = listed[start : start + _AT_ONCE]
            found = marks[part.astype(np.uint16)].nonzero()[0]
            at = asked.searchsorted(part[found])
            same = asked.take(at, mode="clip") == part[found]
            places[at[same]] = found[same] + start
        places[self.table.are_removed(places)] = -1
        return places[inverse]

    def search(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None
    ) -> Hits:
        """As `Table.search`, with the user's ids."""
        counts, ids, *others = self.table.search(words, k, radii)
        return Hits(counts, self.user_ids(ids), *others)
