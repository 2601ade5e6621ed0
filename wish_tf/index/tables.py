"""Which table answers for codes of which length and number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wish_tf.index.halves_table import HalvesTable
from wish_tf.index.posting_table import PostingTable
from wish_tf.index.scan_table import ScanTable
from wish_tf.index.table import Part, Table

# Below, comparing all codes takes no longer, and two tables of 2^16 places would
# add more than a byte to each document.
_MANY = 1 << 19
# Documents sorted at once where two tables become one.
_AT_ONCE = 1 << 22


def build_table(bits: int, words: np.ndarray, ids: np.ndarray) -> Table:
    """Makes the table that is fastest (docs/search.md has the measurements).

    Args:
        bits: Length of the codes, 1 to 256.
        words: Codes, uint64 [n, ceil(bits / 64)].
        ids: Internal ids, int64 [n].
    """
    kind = np.int32 if ids.max(initial=0) < 2**31 else np.int64
    kept = np.empty(ids.size, kind)
    return _kind_of(bits, ids.size).build(bits, kept, [(words, ids.astype(kind))])


def join_tables(tables: Sequence[Table], ranks: Sequence[np.ndarray]) -> Table:
    """Makes one table of the documents that are not removed. Beside the tables and the
    new one, some 2^22 documents are in memory if codes are spread evenly.

    Args:
        tables: of codes of one length.
        ranks: of each table the new ids by the old ones; empty if they stay.
    """
    bits, count = tables[0].bits, sum(map(len, tables))
    small = count < 2**31
    if not ranks[0].size:
        small = all(table.ids.dtype == np.int32 for table in tables)
    ids = np.empty(count, np.int32 if small else np.int64)
    parts = 1 << min(bits, (count // _AT_ONCE).bit_length())

    def documents(part: int) -> Part:
        found = []
        for table, new in zip(tables, ranks, strict=True):
            words, old = table.documents(part, parts)
            found.append((words, new[old] if new.size else old))
        words, numbers = map(np.concatenate, zip(*found, strict=True))
        return words, numbers.astype(ids.dtype)

    return _kind_of(bits, count).build(bits, ids, map(documents, range(parts)))


def _kind_of(bits: int, documents: int) -> type[Table]:
    fewest = (1 << bits) // 16 if bits <= 16 else 2 << bits
    if bits <= 20 and documents >= fewest:
        return PostingTable
    if bits <= 32 and documents >= _MANY:
        return HalvesTable
    return ScanTable


def table_of(bits: int, arrays: dict[str, np.ndarray]) -> Table | None:
    """The table whose arrays a file held, or None if they do not fit together."""
    try:
        if any(array.ndim != 1 for array in arrays.values()) or any(
            arrays[name].dtype not in (np.int32, np.int64)
            for name in ("ids", "starts", "second_starts")
            if name in arrays
        ):
            return None
        kind = HalvesTable if "second" in arrays else PostingTable
        table: Table = (ScanTable if "codes0" in arrays else kind)(bits, arrays)
        return table if table.is_sound() else None
    except KeyError:
        return None
