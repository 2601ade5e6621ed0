from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.hamming_index import HammingIndex
from wish_tf.index.index_file import (
    read_index_file,
    write_index_file,
)
from wish_tf.index.stored_documents import contents_of, documents_of
from wish_tf.index.string_table import StringTable

_FORMAT = "wish_tf DocumentIndex"
_VERSION = 2
_STRINGS = ("texts", "text_ends", "titles", "title_ends")


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
        names, texts: as given, decoded from UTF-8 when asked for.
        model: as given.
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
        index = HammingIndex(codes.probabilities.shape[1])
        index.add(codes.bits[known], ids=known)
        self._set(index, StringTable.of(names), StringTable.of(texts), str(model))

    def _set(
        self, index: HammingIndex, names: StringTable, texts: StringTable, model: str
    ) -> None:
        self.index, self.names, self.texts, self.model = index, names, texts, model
        self.skipped = len(names) - len(index)

    def save(self, path: str | Path) -> None:
        """Writes one file, whole or not at all."""
        values, arrays = contents_of(self.index.documents)
        parts = (self.texts.text, self.texts.ends, self.names.text, self.names.ends)
        strings = dict(zip(_STRINGS, parts, strict=True))
        values |= {"model": self.model}
        write_index_file(path, _FORMAT, _VERSION, values, arrays | strings)

    @classmethod
    def load(cls, path: str | Path) -> DocumentIndex:
        """Maps what `save` wrote; see `HammingIndex.load`.

        Raises:
            InputError: when the file is missing, damaged or something else.
        """
        stored = read_index_file(path, _FORMAT, _VERSION)
        if stored.version == 1:
            return cls._of_version_1(stored.arrays)
        arrays = dict(stored.arrays)
        if not set(_STRINGS) <= arrays.keys():
            raise _contradiction(path)
        strings = [arrays.pop(name) for name in _STRINGS]
        found = documents_of(stored.values, arrays)
        model = stored.values.get("model")
        if found is None or model is None:
            raise _contradiction(path)
        texts, names = StringTable(*strings[:2]), StringTable(*strings[2:])
        sound = names.is_sound() and texts.is_sound() and len(names) == len(texts)
        if not sound or len(found) > len(names):
            raise _contradiction(path)
        documents = cls.__new__(cls)
        documents._set(HammingIndex.of(found), names, texts, model)
        return documents

    @classmethod
    def _of_version_1(cls, arrays: dict[str, np.ndarray]) -> DocumentIndex:
        codes = HashedTexts(arrays["probabilities"], arrays["out_of_vocabulary"])
        names = StringTable(arrays["names"], arrays["names_ends"])
        texts = StringTable(arrays["texts"], arrays["texts_ends"])
        return cls(codes, names, texts, str(arrays["model"]))


def _contradiction(path: str | Path) -> InputError:
    return InputError(
        f"{str(path)!r} must be a {_FORMAT} file; "
        "got one whose contents contradict each other."
    )
