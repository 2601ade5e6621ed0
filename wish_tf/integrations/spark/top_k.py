from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import Broadcast
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import (
    IntegerType,
    IntegralType,
    StringType,
    StructField,
    StructType,
)

from wish_tf.checks import whole_number
from wish_tf.codes import int_to_codes
from wish_tf.errors import InputError
from wish_tf.index import HammingIndex
from wish_tf.integrations.spark.code_column import CODE, check_columns, code_bits

# Rows that a worker holds at a time, and queries whose answers it holds.
_ROWS_AT_ONCE = 1 << 20
_QUERIES_AT_ONCE = 1024


def top_k(
    hashed: DataFrame, queries: DataFrame, k: int, *, id_column: str = "id"
) -> DataFrame:
    """The k rows nearest to each query, exactly as `HammingIndex` finds them.

    The queries go to every executor, each worker finds the k nearest of its own rows,
    and those are merged.

    Args:
        hashed: of `hash_dataframe`, cached or read from where it was written. Rows
            without a code are left out.
        queries: of `hash_dataframe` with the same model; few enough for the driver's
            memory. They are computed at once. Queries without a code find nothing.
        k: how many rows a query, 1 or more.
        id_column: name of a column of distinct ids, integers or strings, in both.

    Returns:
        The columns `query_id`, `rank` from 1, `id` and `distance` in bits. Of equally
        near rows the smaller id comes first. In no order of queries.

    Raises:
        InputError: If a column is missing, the ids are of another type, the codes are
            of different lengths or k is not 1 or more.
    """
    bits = code_bits(hashed)
    if code_bits(queries) != bits:
        raise InputError(
            f"expected queries of {bits} bits as the rows; got {code_bits(queries)}"
        )
    for df in (hashed, queries):
        check_columns(df, [id_column])
        kind = df.schema[id_column].dataType
        if not isinstance(kind, (IntegralType, StringType)):
            raise InputError(
                f"expected integers or strings in the column {id_column!r}; got "
                f"{kind.simpleString()}"
            )
    k = whole_number(k, "k", 1)
    few = _with_codes(queries, id_column).toArrow().combine_chunks()
    sent = hashed.sparkSession.sparkContext.broadcast(
        (few.column(0).combine_chunks(), _bits_of(few.column(1), bits))
    )
    schema = StructType(
        [
            StructField("query_id", queries.schema[id_column].dataType),
            StructField("id", hashed.schema[id_column].dataType),
            StructField("distance", IntegerType()),
        ]
    )
    work = partial(_nearest, queries=sent, bits=bits, k=k)
    nearest = _with_codes(hashed, id_column).mapInArrow(work, schema)
    order = Window.partitionBy("query_id").orderBy("distance", "id")
    return (
        nearest.withColumn("rank", F.row_number().over(order))
        .where(F.col("rank") <= k)
        .select("query_id", "rank", "id", "distance")
    )


def _with_codes(df: DataFrame, id_column: str) -> DataFrame:
    return df.where(F.col(CODE).isNotNull()).select(id_column, CODE)


def _nearest(
    batches: Iterator[pa.RecordBatch],
    *,
    queries: Broadcast[tuple[Any, np.ndarray]],
    bits: int,
    k: int,
) -> Iterator[pa.RecordBatch]:
    """Finds the nearest rows of each chunk of a partition; runs in a task."""
    query_ids, query_bits = queries.value
    for chunk in _chunks(batches):
        # In the order of the ids, so that the index, whose ids are the places, breaks
        # ties by id whatever kind of id it is.
        chunk = chunk.take(pc.sort_indices(chunk.column(0)))
        index = HammingIndex(bits)
        index.add(_bits_of(chunk.column(1), bits))
        for start in range(0, len(query_bits), _QUERIES_AT_ONCE):
            found = index.search(query_bits[start : start + _QUERIES_AT_ONCE], k)
            row, column = np.nonzero(found.ids >= 0)
            yield pa.RecordBatch.from_arrays(
                [
                    query_ids.take(pa.array(start + row)),
                    chunk.column(0)
                    .take(pa.array(found.ids[row, column]))
                    .combine_chunks(),
                    pa.array(found.distances[row, column], pa.int32()),
                ],
                ["query_id", "id", "distance"],
            )


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= _ROWS_AT_ONCE:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _bits_of(codes: pa.ChunkedArray, bits: int) -> np.ndarray:
    """Returns integer codes as 0/1; the sign is the uppermost of 64 bits."""
    integers = codes.to_numpy().astype(np.int64).view(np.uint64)
    return int_to_codes(integers, bits)
