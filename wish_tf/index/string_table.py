"""Many strings in two arrays."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np

from wish_tf.errors import InputError


class StringTable(Sequence[str]):
    """Strings as UTF-8 end to end; decoded one by one when asked for.

    Args:
        text: uint8, the bytes of all strings.
        ends: int64 [n], where each string ends in `text`.
    """

    def __init__(self, text: np.ndarray, ends: np.ndarray) -> None:
        self.text, self.ends = text, ends

    @classmethod
    def of(cls, strings: Iterable[str]) -> StringTable:
        """Makes a table of strings; lone surrogates are kept."""
        encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
        lengths = np.array([len(part) for part in encoded], np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum(lengths))

    def __len__(self) -> int:
        return self.ends.size

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        start = int(self.ends[place - 1]) if place else 0
        text = self.text[start : int(self.ends[place])].tobytes()
        try:
            return text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            # A large table is not compared with its checksum when it is loaded.
            raise InputError(
                f"expected strings in UTF-8; got damaged bytes in number {place}"
            ) from error

    def is_sound(self) -> bool:
        """Whether the arrays fit together."""
        ends = self.ends
        return bool(
            self.text.ndim == ends.ndim == 1
            and self.text.dtype == np.uint8
            and ends.dtype == np.int64
            and (int(ends[-1]) if ends.size else 0) == self.text.size
            and (ends[1:] >= ends[:-1]).all()
            and ends.min(initial=0) >= 0
        )

    def find(self, strings: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Looks strings up in a table that is sorted.

        Returns:
            The place of each, or where it would be, int64 [n], and whether it is
            there, bool [n].
        """
        places = [bisect.bisect_left(self, string) for string in strings]
        known = [
            place < len(self) and self[place] == string
            for place, string in zip(places, strings, strict=True)
        ]
        return np.array(places, np.int64), np.array(known, bool)

    def inserted(self, places: np.ndarray, strings: Sequence[str]) -> StringTable:
        """A table with strings put before the given places, int64 [n], rising."""
        new = StringTable.of(strings)
        lengths = np.diff(self.ends, prepend=0)
        new_lengths = np.diff(new.ends, prepend=0)
        starts = np.concatenate([[0], self.ends])
        text = np.insert(self.text, np.repeat(starts[places], new_lengths), new.text)
        return StringTable(text, np.cumsum(np.insert(lengths, places, new_lengths)))

    def kept(self, keep: np.ndarray) -> StringTable:
        """A table of the strings where `keep`, bool [n], holds."""
        lengths = np.diff(self.ends, prepend=0)
        return StringTable(
            self.text[np.repeat(keep, lengths)], np.cumsum(lengths[keep])
        )
