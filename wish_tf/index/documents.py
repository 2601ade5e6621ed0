"""What a `HammingIndex` holds at one moment."""

from __future__ import annotations

import dataclasses

import numpy as np

from wish_tf.errors import InputError
from wish_tf.index.ids import Ids, first_repeated
from wish_tf.index.string_table import StringTable
from wish_tf.index.tables import Table, build_table


@dataclasses.dataclass(frozen=True)
class Documents:
    """Codes and ids; immutable, so that a search beside a change sees either all
    of it or nothing.

    With string ids the table knows a document by the rank of its id among all, which
    orders ties as the strings do.

    Attributes:
        bits: length of the codes.
        table: the documents but for those waiting.
        waiting: words and ids of documents that were added since the table was made.
        next_id: more than any integer id ever used.
        names: the string ids, sorted; None with integer ids or without documents.
    """

    bits: int
    table: Table
    waiting: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    next_id: int = 0
    names: StringTable | None = None

    @classmethod
    def none(cls, bits: int) -> Documents:
        words = np.empty((0, -(-bits // 64)), np.uint64)
        return cls(bits, build_table(bits, words, np.empty(0, np.int64)))

    def __len__(self) -> int:
        return self.table.ids.size + sum(ids.size for _, ids in self.waiting)

    def tabled(self) -> Documents:
        """The same with all documents in the table."""
        if not self.waiting:
            return self
        words, ids = self.all()
        return self._with(words, ids)

    def all(self) -> tuple[np.ndarray, np.ndarray]:
        """Words uint64 [n, w] and internal ids int64 [n] of all documents."""
        parts = [(self.table.words(), self.table.ids), *self.waiting]
        words, ids = zip(*parts, strict=True)
        return np.concatenate(words), np.concatenate(ids).astype(np.int64)

    def user_ids(self, ids: np.ndarray) -> np.ndarray:
        """Internal ids as the user knows them: int64, or str objects."""
        if self.names is None:
            return ids.astype(np.int64)
        found = np.empty(ids.size, object)
        found[:] = [self.names[i] for i in ids.ravel().tolist()]
        return found.reshape(ids.shape)

    def added(self, words: np.ndarray, ids: Ids) -> Documents:
        """With more documents.

        Raises:
            InputError: if an id is in use or given twice, or of the other kind.
        """
        if not len(ids):
            return self
        self._check_kind(ids)
        repeated = first_repeated(ids)
        if repeated is None:
            repeated = self._first_used(ids)
        if repeated is not None:
            raise InputError(
                f"expected ids that are new and distinct; got {repeated!r}, which is "
                "in use already or given twice"
            )
        if isinstance(ids, list):
            return self._named(words, ids)
        return dataclasses.replace(
            self,
            waiting=(*self.waiting, (words, ids)),
            next_id=max(self.next_id, int(ids.max()) + 1),
            names=None,
        )

    def removed(self, ids: Ids) -> Documents:
        """Without some documents.

        Raises:
            InputError: if an id is not there.
        """
        if not len(ids):
            return self
        words, all_ids = self.all()
        keep = np.ones(all_ids.size, bool)
        keep[self._places(all_ids, ids, "remove")] = False
        if self.names is None:
            return self._with(words[keep], all_ids[keep])
        names = np.zeros(len(self.names), bool)
        names[all_ids[keep]] = True
        ranks = np.cumsum(names) - 1
        changed = self._with(words[keep], ranks[all_ids[keep]])
        left = self.names.kept(names) if keep.any() else None
        return dataclasses.replace(changed, names=left)

    def updated(self, words: np.ndarray, ids: Ids) -> Documents:
        """With other codes for some documents.

        Raises:
            InputError: if an id is not there or given twice.
        """
        if not len(ids):
            return self
        repeated = first_repeated(ids)
        if repeated is not None:
            raise InputError(f"expected distinct ids; got {repeated!r} twice")
        all_words, all_ids = self.all()
        all_words[self._places(all_ids, ids, "update")] = words
        return self._with(all_words, all_ids)

    def _with(self, words: np.ndarray, ids: np.ndarray) -> Documents:
        return dataclasses.replace(
            self, table=build_table(self.bits, words, ids), waiting=()
        )

    def _named(self, words: np.ndarray, ids: list[str]) -> Documents:
        """With documents of string ids, which change the ranks of the others."""
        order = sorted(range(len(ids)), key=ids.__getitem__)
        ordered = [ids[i] for i in order]
        names = self.names or StringTable.of([])
        places, _ = names.find(ordered)
        ranks = np.empty(len(ids), np.int64)
        ranks[order] = places + np.arange(len(ids))
        old_words, old = self.all()
        old += np.searchsorted(places, old, side="right")
        changed = self._with(
            np.concatenate([old_words, words]), np.concatenate([old, ranks])
        )
        return dataclasses.replace(changed, names=names.inserted(places, ordered))

    def _check_kind(self, ids: Ids) -> None:
        if len(self) and isinstance(ids, list) != (self.names is not None):
            here, came = ("strings", "integers")[:: 1 if self.names else -1]
            raise InputError(f"expected {here} as ids, as in the index; got {came}")

    def _first_used(self, ids: Ids) -> str | int | None:
        """An id that is in use already, or None."""
        if isinstance(ids, list):
            known = self.names.find(ids)[1] if self.names else np.zeros(len(ids), bool)
            return ids[int(np.argmax(known))] if known.any() else None
        if ids.min() >= self.next_id:
            return None
        parts = [self.table.ids, *(ids for _, ids in self.waiting)]
        used = [ids[np.isin(ids, part)] for part in parts]
        return next((int(found.min()) for found in used if found.size), None)

    def _places(self, all_ids: np.ndarray, ids: Ids, purpose: str) -> np.ndarray:
        """Where documents are among all."""
        if len(self):
            self._check_kind(ids)
        wanted, known = ids, np.zeros(len(ids), bool)
        if isinstance(ids, list) and self.names is not None:
            wanted, known = self.names.find(ids)
            wanted = np.where(known, wanted, 0)
        order = np.argsort(all_ids)
        if not isinstance(wanted, list) and all_ids.size:
            place = np.searchsorted(all_ids, wanted, sorter=order)
            place = order[np.minimum(place, all_ids.size - 1)]
            if self.names is None:
                known = all_ids[place] == wanted
        if not known.all():
            missing = np.asarray(ids, object)[np.argmin(known)]
            raise InputError(
                f"expected ids to {purpose} that are in the index; got {missing!r}, "
                "which is not"
            )
        return place
