"""What a `HammingIndex` holds at one moment."""

from __future__ import annotations

import dataclasses

import numpy as np

from wish_tf.errors import InputError
from wish_tf.index.hits import Hits, merged
from wish_tf.index.ids import Ids, first_repeated
from wish_tf.index.segment import Segment

# A segment has so many times the documents of the next newer one, at least.
_RATIO = 4
# Fewer documents wait for the next search, from fewer additions.
_WAITING, _WAITING_PARTS = 1 << 22, 1 << 8
# Of so many documents of a segment one may be removed and still be there.
_REMOVED = 4


@dataclasses.dataclass(frozen=True)
class Documents:
    """Codes and ids; immutable, so that a search beside a change sees either all
    of it or nothing.

    New documents make a segment of their own. As long as the newest segment has more
    than a quarter of the documents of the one before, both become one: segments are
    few, and a document is moved the more seldom the more there are. Removed documents
    are marked until a quarter of a segment is; then it is made anew without them.

    Attributes:
        bits: length of the codes.
        segments: the documents but for those waiting, the oldest first.
        waiting: words and ids of documents that were added since.
        next_id: more than any integer id ever used.
    """

    bits: int
    segments: tuple[Segment, ...] = ()
    waiting: tuple[tuple[np.ndarray, Ids], ...] = ()
    next_id: int = 0

    def __len__(self) -> int:
        return sum(map(len, self.segments)) + sum(len(ids) for _, ids in self.waiting)

    @property
    def strings(self) -> bool:
        """Whether ids are strings; not if there are no documents."""
        if self.segments:
            return self.segments[0].names is not None
        return any(isinstance(ids, list) for _, ids in self.waiting)

    def tabled(self) -> Documents:
        """The same with all documents in segments."""
        if not self.waiting:
            return self
        words, ids = self.waiting[0]
        if len(self.waiting) > 1:
            words = np.concatenate([words for words, _ in self.waiting])
            if isinstance(ids, list):
                ids = [name for _, names in self.waiting for name in names]
            else:
                ids = np.concatenate([ids for _, ids in self.waiting])
        segments = [*self.segments, Segment.of(self.bits, words, ids)]
        while len(segments) > 1 and len(segments[-2]) < _RATIO * len(segments[-1]):
            segments[-2:] = [segments[-2].joined(segments[-1])]
        return dataclasses.replace(self, segments=tuple(segments), waiting=())

    def whole(self) -> Segment:
        """All documents in one segment, of which none is removed."""
        segments = list(self.tabled().segments)
        if not segments:
            words, ids = self.all()
            return Segment.of(self.bits, words, ids)
        # From the newest on, so that most documents are moved once.
        while len(segments) > 1:
            segments[-2:] = [segments[-2].joined(segments[-1])]
        [whole] = segments
        return whole.joined() if whole.table.removed.size else whole

    def all(self) -> tuple[np.ndarray, np.ndarray]:
        """Words uint64 [n, w] and the user's ids [n] of all documents."""
        words = [np.empty((0, -(-self.bits // 64)), np.uint64)]
        ids = [np.empty(0, object if self.strings else np.int64)]
        for segment in self.tabled().segments:
            found, numbers = segment.table.documents()
            words.append(found)
            ids.append(segment.user_ids(numbers))
        return np.concatenate(words), np.concatenate(ids)

    def search(
        self, words: np.ndarray, k: int | None, radii: np.ndarray | None = None
    ) -> Hits:
        """As `Table.search`, with the user's ids; those waiting are not found."""
        found = [segment.search(words, k, radii) for segment in self.segments]
        return merged(found, words, k)

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
        return self._with(words, ids)

    def removed(self, ids: Ids, purpose: str = "remove") -> Documents:
        """Without some documents.

        Raises:
            InputError: if an id is not there.
        """
        if not len(ids):
            return self
        if len(self):
            self._check_kind(ids)
        known = np.zeros(len(ids), bool)
        segments = []
        tabled = self.tabled()
        for segment in tabled.segments:
            places = segment.places(ids)
            here = places >= 0
            if here.any():
                known |= here
                segment = segment.without(np.unique(places[here]))
                if segment.table.removed.size * _REMOVED > segment.table.ids.size:
                    segment = segment.joined()
            segments += [segment] if len(segment) else []
        if not known.all():
            missing = np.asarray(ids, object)[np.argmin(known)]
            raise InputError(
                f"expected ids to {purpose} that are in the index; got {missing!r}, "
                "which is not"
            )
        return dataclasses.replace(tabled, segments=tuple(segments))

    def updated(self, words: np.ndarray, ids: Ids) -> Documents:
        """With other codes for some documents.

        Raises:
            InputError: if an id is not there or given twice.
        """
        repeated = first_repeated(ids)
        if repeated is not None:
            raise InputError(f"expected distinct ids; got {repeated!r} twice")
        return self.removed(ids, "update")._with(words, ids)

    def _with(self, words: np.ndarray, ids: Ids) -> Documents:
        if not len(ids):
            return self
        largest = -1 if isinstance(ids, list) else int(ids.max())
        changed = dataclasses.replace(
            self,
            waiting=(*self.waiting, (words, ids)),
            next_id=max(self.next_id, largest + 1),
        )
        waiting = len(changed) - sum(map(len, self.segments))
        few = waiting < _WAITING and len(changed.waiting) < _WAITING_PARTS
        return changed if few else changed.tabled()

    def _check_kind(self, ids: Ids) -> None:
        if len(self) and isinstance(ids, list) != self.strings:
            here, came = ("strings", "integers")[:: 1 if self.strings else -1]
            raise InputError(f"expected {here} as ids, as in the index; got {came}")

    def _first_used(self, ids: Ids) -> str | int | None:
        """The first of the smallest ids in use already, or None."""
        if not isinstance(ids, list) and ids.min() >= self.next_id:
            return None
        used = np.zeros(len(ids), bool)
        for segment in self.tabled().segments:
            used |= segment.places(ids) >= 0
        return min(np.asarray(ids, object)[used], default=None)
