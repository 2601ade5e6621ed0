"""From the contents of an index file to documents and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wish_tf.index.documents import Documents
from wish_tf.index.ids import LARGEST_ID
from wish_tf.index.segment import Segment
from wish_tf.index.string_table import StringTable
from wish_tf.index.tables import table_of

MAX_BITS = 256


def contents_of(
    documents: Documents,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a file must hold of documents: values and arrays by name."""
    segment = documents.whole()
    arrays = dict(segment.table.arrays)
    if segment.names is not None:
        arrays["names"] = segment.names.text
        arrays["name_ends"] = segment.names.ends
    return {"bits": documents.bits, "next_id": documents.next_id}, arrays


def are_places(ids: np.ndarray, count: int | None = None) -> bool:
    """Whether ids are places among so many things; as many as ids, if not given."""
    count = ids.size if count is None else count
    return not ids.size or (0 <= int(ids.min()) and int(ids.max()) < count)


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
    if table is None:
        return None
    if names is not None and not (
        names.is_sound() and len(names) == table.ids.size and are_places(table.ids)
    ):
        return None
    segments = (Segment(table, names),) if table.ids.size else ()
    return Documents(bits, segments, next_id=next_id)
