from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.hamming_index import HammingIndex
from wish_tf.index.index_file import read_index_file, write_index_file

_FORMAT = "wish_tf DocumentIndex"
_VERSION = 1


class DocumentIndex:
    """A `HammingIndex` that knows its documents and the model that hashed them.

    Documents without a known word are left out: their codes say nothing.

    Args:
        codes: the documents' codes.
        names: what each document is called, n strings.
        texts: the documents, n strings.
        model: path of the SavedModel that hashed them.

    Attributes:
        index: the codes; the id of a document is its place in `names`.
        names, texts, model: as given.
        skipped: how many of the documents were left out.
    """

    def __init__(
        self,
        codes: HashedTexts,
        names: Sequence[str],
        texts: Sequence[str],
        model: str | Path,
    ):
        known = np.flatnonzero(~codes.out_of_vocabulary)
        self.index = HammingIndex(codes.probabilities.shape[1])
        self.index.add(codes.bits[known], ids=known)
        self._codes = codes
        self.names = list(names)
        self.texts = list(texts)
        self.model = str(model)
        self.skipped = len(self.names) - len(known)

    def save(self, path: str | Path) -> None:
        """Writes one file, whole or not at all."""
        write_index_file(
            path,
            _FORMAT,
            _VERSION,
            {
                "probabilities": self._codes.probabilities.astype(np.float32),
                "out_of_vocabulary": self._codes.out_of_vocabulary,
                "model": np.array(self.model),
                **_pack("names", self.names),
                **_pack("texts", self.texts),
            },
        )

    @classmethod
    def load(cls, path: str | Path) -> DocumentIndex:
        """Reads what `save` wrote.

        Raises:
            InputError: when the file is missing, damaged or something else.
        """
        stored = read_index_file(path, _FORMAT, _VERSION)
        codes = HashedTexts(stored["probabilities"], stored["out_of_vocabulary"])
        names, texts = _unpack(stored, "names"), _unpack(stored, "texts")
        return cls(codes, names, texts, str(stored["model"]))


def _pack(field: str, strings: Sequence[str]) -> dict[str, np.ndarray]:
    """Strings as one array of bytes and their ends; NumPy's own string arrays
    take the length of the longest for each."""
    encoded = [string.encode("utf-8", "replace") for string in strings]
    return {
        field: np.frombuffer(b"".join(encoded), np.uint8),
        f"{field}_ends": np.cumsum([len(part) for part in encoded], dtype=np.int64),
    }


def _unpack(stored: dict[str, np.ndarray], field: str) -> list[str]:
    joined = stored[field].tobytes()
    ends = stored[f"{field}_ends"].tolist()
    starts = [0, *ends][:-1]
    return [
        joined[start:end].decode("utf-8")
        for start, end in zip(starts, ends, strict=True)
    ]
