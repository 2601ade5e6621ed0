"""From the contents of an index file to documents and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from wish_tf.codes import int_to_codes
from wish_tf.errors import InputError
from wish_tf.index.code_words import to_words
from wish_tf.index.documents import Documents
from wish_tf.index.ids import LARGEST_ID, check_ids
from wish_tf.index.string_table import StringTable
from wish_tf.index.tables import table_of

MAX_BITS = 256


def contents_of(
    documents: Documents,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a file must hold of documents that are all in the table: values and
    arrays by name."""
    arrays = dict(documents.table.arrays)
    if documents.names is not None:
        arrays["names"] = documents.names.text
        arrays["name_ends"] = documents.names.ends
    return {"bits": documents.bits, "next_id": documents.next_id}, arrays


def documents_of(
    values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> Documents | None:
    """Undoes `contents_of`, or returns None if something does not fit."""
    arrays = dict(arrays)
    bits, next_id = values.get("bits"), values.get("next_id")
    if not (isinstance(bits, int) and 1 <= bits <= MAX_BITS):
        return None
    if not (isinstance(next_id, int) and 0 <= next_id <= LARGEST_ID + 1):
        return None
    names = None
    if {"names", "name_ends"} <= arrays.keys():
        names = StringTable(arrays.pop("names"), arrays.pop("name_ends"))
    table = table_of(bits, arrays)
    if table is None or (
        names is not None and not (len(names) == table.ids.size and names.is_sound())
    ):
        return None
    return Documents(bits, table, (), next_id, names)


def documents_of_version_1(arrays: Mapping[str, np.ndarray]) -> Documents | None:
    """The documents of a file of version 1, or None if something does not fit."""
    if arrays.keys() != {"bits", "next_id", "ids", "codes"}:
        return None
    length, next_id = arrays["bits"], arrays["next_id"]
    if length.shape or next_id.shape or not 1 <= length <= 16:
        return None
    if arrays["codes"].dtype != np.uint16:
        return None
    bits = int(length)
    try:
        words = to_words(int_to_codes(arrays["codes"], bits), bits, packed=False)
        ids = check_ids(arrays["ids"])
        if isinstance(ids, list) or ids.size != len(words):
            return None
        documents = Documents.none(bits).added(words, ids).tabled()
    except InputError:
        return None
    if not documents.next_id <= next_id <= LARGEST_ID + 1:
        return None
    return dataclasses.replace(documents, next_id=int(next_id))
