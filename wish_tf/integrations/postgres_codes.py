from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import psycopg
from numpy.typing import ArrayLike
from psycopg import sql

from wish_tf.checks import check_all, list_of, whole_number
from wish_tf.codes import check_bits, code_strings, neighbour_codes
from wish_tf.errors import InputError

# More look-ups than these take about as long as a scan of a million rows; see
# benchmarks/postgres.py.
MOST_LOOKED_UP = 1000
OLDEST_SERVER = 14  # the first with bit_count

TABLE = "CREATE TABLE {table} (id {ids} PRIMARY KEY, code bit({bits}) NOT NULL)"
# The id is in the index so that a look-up need not touch the table.
INDEX = "CREATE INDEX ON {table} (code, id)"
COPY = "COPY {table} (id, code) FROM STDIN"
WITHIN = """
SELECT id, bit_count(code # %(code)s::bit({bits})) AS distance
FROM {table}
WHERE code = ANY(%(codes)s::bit({bits})[])
ORDER BY distance, id
"""
# Reads no more than k rows of a code, however many have it.
LOOK_UP = """
SELECT id, bit_count(around.code # %(code)s::bit({bits})) AS distance
FROM unnest(%(codes)s::bit({bits})[]) AS around (code),
     LATERAL (
         SELECT id FROM {table} WHERE code = around.code ORDER BY id LIMIT %(k)s
     ) AS first
ORDER BY distance, id
LIMIT %(k)s
"""
SCAN = """
SELECT id, bit_count(code # %(code)s::bit({bits})) AS distance
FROM {table}
ORDER BY distance, id
LIMIT %(k)s
"""


class PostgresCodes:
    """Codes in a table of PostgreSQL, with exact Hamming search by plain SQL.

    The table has the columns `id` and `code bit(bits)`. Its B-tree finds the rows of
    a code at once, and the rows within a radius as those of all codes around it.
    Transactions are the caller's: nothing is committed here.

    Args:
        connection: to a server of version 14 or newer.
        bits: length of the codes.
        table: its name, with or without a schema.
        id_type: `bigint` or `text`.

    Raises:
        InputError: when an argument or the server's version is another.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        bits: int,
        *,
        table: str = "documents",
        id_type: str = "bigint",
    ):
        if id_type not in ("bigint", "text"):
            raise InputError(f"expected id_type bigint or text; got {id_type!r}")
        version = connection.info.server_version // 10000
        if version < OLDEST_SERVER:
            raise InputError(
                f"expected a server of PostgreSQL {OLDEST_SERVER} or newer, which has "
                f"bit_count; got {version}"
            )
        self._connection = connection
        self._bits = whole_number(bits, "bits", 1)
        self._id_type = id_type
        self._names = {
            "table": sql.Identifier(*table.split(".")),
            "bits": sql.Literal(bits),
            "ids": sql.SQL(id_type),
        }

    def create_table(self) -> None:
        """Makes the table, without the index."""
        self._connection.execute(self._statement(TABLE))

    def create_index(self) -> None:
        """Makes the index; quicker after `copy` than before."""
        self._connection.execute(self._statement(INDEX))

    def copy(self, ids: Sequence[int | str] | np.ndarray, codes: ArrayLike) -> None:
        """Adds documents by COPY.

        Args:
            ids: n ids, none of which is in the table.
            codes: Codes, [n, bits] of 0 and 1.

        Raises:
            InputError: If codes are malformed, or the ids are of another type or not
                as many.
        """
        strings = code_strings(self._check(codes))
        ids = list_of(ids, "ids")
        kinds = (int, np.integer) if self._id_type == "bigint" else str
        check_all(ids, kinds, f"ids of the type {self._id_type}")
        if len(ids) != len(strings):
            raise InputError(
                f"expected an id for each of {len(strings)} codes; got {len(ids)}"
            )
        with (
            self._connection.cursor() as cursor,
            cursor.copy(self._statement(COPY)) as copy,
        ):
            for row in zip(ids, strings, strict=True):
                copy.write_row(row)

    def within(self, code: ArrayLike, radius: int) -> list[tuple[int | str, int]]:
        """Finds all documents within a distance of a code, through the index.

        Args:
            code: One code, [bits] of 0 and 1.
            radius: Largest distance in bits, at least 0.

        Returns:
            Pairs of id and distance, nearest first, of equally near ones the
            smaller id first.

        Raises:
            InputError: If the code is malformed, or there are too many codes
                within the radius (see `wish_tf.codes.neighbour_codes`).
        """
        return self._rows(WITHIN, code, radius)

    def nearest(self, code: ArrayLike, k: int = 10) -> list[tuple[int | str, int]]:
        """Finds the k nearest documents of a code.

        It looks in wider and wider radii until there are k, and scans the whole
        table when the codes to look up would be too many.

        Args:
            code: One code, [bits] of 0 and 1.
            k: Number of documents, at least 1.

        Returns:
            As `within`; fewer than k where the table has no more.

        Raises:
            InputError: If the code is malformed or k is no positive integer.
        """
        k = whole_number(k, "k", 1)
        looked_up = 0
        for radius in range(self._bits + 1):
            looked_up += math.comb(self._bits, radius)
            if looked_up > MOST_LOOKED_UP:
                break
            found = self._rows(LOOK_UP, code, radius, k)
            if len(found) == k or radius == self._bits:
                return found
        return self._rows(SCAN, code, 0, k)

    def _rows(
        self, statement: str, code: ArrayLike, radius: int, k: int | None = None
    ) -> list[tuple[int | str, int]]:
        # NumPy's ArrayLike takes no list of what is one itself.
        [string] = code_strings(self._check([code]))  # type: ignore[arg-type]
        around = code_strings(neighbour_codes(code, radius))
        values = {"code": string, "codes": around, "k": k}
        return self._connection.execute(self._statement(statement), values).fetchall()

    def _check(self, codes: ArrayLike) -> np.ndarray:
        bits = check_bits(codes)
        if bits.shape[1] != self._bits:
            raise InputError(
                f"expected codes of {self._bits} bits, as in the table; "
                f"got {bits.shape[1]}"
            )
        return bits

    def _statement(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(**self._names)
