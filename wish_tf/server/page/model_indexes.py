"""Which index belongs to which model."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence

from wish_tf.errors import InputError
from wish_tf.server.page.page_index import PageIndex
from wish_tf.server.page.servable_hasher import ServableHasher, bits_of
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError


class ModelIndexes:
    """Tells for a loaded version which index has its codes; thread-safe."""

    def __init__(self, indexes: Sequence[PageIndex], rows: int) -> None:
        """Keeps the indexes.

        Args:
            indexes: All that the server was given.
            rows: Most texts of a run of a model.
        """
        self._indexes = tuple(indexes)
        self._rows = rows
        self._lock = threading.Lock()
        self._known: weakref.WeakKeyDictionary[Servable, PageIndex | None] = (
            weakref.WeakKeyDictionary()
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self._indexes)

    def of(self, servable: Servable) -> PageIndex | None:
        """The index with the codes of a version.

        The first call for a version runs it.

        Args:
            servable: The version.

        Raises:
            ServingError: If the run fails.
        """
        with self._lock:
            if servable not in self._known:
                fitting = (
                    index for index in self._indexes if self._fits(index, servable)
                )
                self._known[servable] = next(fitting, None)
            return self._known[servable]

    def check(self, servables: dict[str, Servable]) -> None:
        """Refuses an index that belongs to none of the models.

        Args:
            servables: A version of each model, by the model's name.

        Raises:
            InputError: With what was expected.
        """
        try:
            used = [self.of(servable) for servable in servables.values()]
        except ServingError as error:
            raise InputError(f"expected models that hash; got: {error}") from error
        for index in self._indexes:
            if index in used:
                continue
            if any(self._fits(index, servable) for servable in servables.values()):
                raise InputError(
                    f"expected one index for each model; got {index.name} beside "
                    "another of the same model"
                )
            raise InputError(_why_not(index, servables))

    def _fits(self, index: PageIndex, servable: Servable) -> bool:
        if bits_of(servable) != index.bits:
            return False
        return index.fits(ServableHasher(servable.predict, index.bits, self._rows).hash)


def _why_not(index: PageIndex, servables: dict[str, Servable]) -> str:
    lengths = {name: bits_of(servable) for name, servable in servables.items()}
    models = " or ".join(
        f"{name} ({'no hasher' if bits is None else f'{bits} bits'})"
        for name, bits in lengths.items()
    )
    if index.bits not in lengths.values():
        came = f"codes of {index.bits} bits"
    else:
        came = "codes that the model does not give"
    return (
        f"expected an index made by wish-tf index with the model {models}; got "
        f"{index.name} with {came}"
    )
