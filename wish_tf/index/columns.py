"""Codes of any length as a few arrays without waste."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def widths(bits: int) -> list[int]:
    """Widths in bits of the arrays that hold codes: as few as possible, and
    together no more bytes than the codes when packed, or one more."""
    parts = []
    while bits > 0:
        parts.append(64 if bits > 48 else 32 if bits > 16 else 16 if bits > 8 else 8)
        bits -= parts[-1]
    return parts


def to_columns(words: np.ndarray, bits: int) -> list[np.ndarray]:
    """Splits codes, words uint64 [n, w], into unsigned arrays [n] of `widths`."""
    columns = []
    start = 0
    for width in widths(bits):
        column = words[:, start // 64] << np.uint64(start % 64)
        columns.append((column >> np.uint64(64 - width)).astype(f"u{width // 8}"))
        start += width
    return columns


def to_words(columns: list[np.ndarray], bits: int) -> np.ndarray:
    """Undoes `to_columns`."""
    words = np.zeros((columns[0].size, -(-bits // 64)), np.uint64)
    start = 0
    for column in columns:
        width = column.dtype.itemsize * 8
        shift = np.uint64(64 - width - start % 64)
        words[:, start // 64] |= column.astype(np.uint64) << shift
        start += width
    return words


def distances(
    columns: Sequence[np.ndarray],
    query: Sequence[np.unsignedinteger],
    scratch: Sequence[np.ndarray] | None = None,
) -> np.ndarray:
    """Hamming distances from a query, uint8 or, above 255 bits, uint16.

    Args:
        columns: the codes.
        query: the query's value for each column.
        scratch: arrays like the columns or longer, to be overwritten: spares asking
            for memory.
    """
    if scratch is None:
        scratch = [np.empty_like(column) for column in columns]
    total: np.ndarray | None = None
    for column, value, differing in zip(columns, query, scratch, strict=True):
        differing = differing[: column.size]
        np.bitwise_xor(column, value, out=differing)
        counts = np.bitwise_count(differing)
        if total is None:
            total = counts.astype(np.uint16) if len(columns) > 3 else counts
        else:
            total += counts
    assert total is not None, "a code has at least one column"
    return total
