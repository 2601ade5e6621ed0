from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, LongType, StructField, StructType

from wish_tf.codes import codes_to_int, neighbour_codes
from wish_tf.dedup.shingles import shingle_sets, text_hashes
from wish_tf.errors import InputError
from wish_tf.integrations.spark.code_column import (
    CODE,
    check_columns,
    code_bits,
    code_field,
)
from wish_tf.integrations.spark.hash_dataframe import decoded

_BUCKET, _SHINGLES = "_bucket", "_shingles"


def near_duplicates(
    hashed: DataFrame,
    radius: int,
    *,
    id_column: str = "id",
    min_jaccard: float | None = None,
    text_column: str = "text",
) -> DataFrame:
    """Pairs of rows whose codes are at most so many bits apart.

    One side is repeated for every code within the radius, and both sides are joined on
    the code. The number of pairs grows with the square of the rows of a code, so few
    bits suit few rows; see docs/scale.md.

    Args:
        hashed: of `hash_dataframe`, cached or read from where it was written. Rows
            without a code are left out.
        radius: largest Hamming distance in bits.
        id_column: name of a column of distinct ids that have an order.
        min_jaccard: keep only the pairs whose texts are as similar as this, 0 to 1, by
            the measure of `wish_tf.dedup.Deduplicator`: the Jaccard similarity of their
            sets of shingles. Rows without a text are left out then.
        text_column: name of the texts' column, if `min_jaccard` is given.

    Returns:
        Each pair once, with the columns `id_a` < `id_b`, `distance` in bits and, with
        `min_jaccard`, `jaccard`; in no order.

    Raises:
        InputError: If a column is missing, the radius is negative or has more than
            65,536 codes within it, or `min_jaccard` is no share.
    """
    bits = code_bits(hashed)
    texts = [] if min_jaccard is None else [text_column]
    check_columns(hashed, [id_column, *texts])
    if min_jaccard is not None and not 0 <= min_jaccard <= 1:
        raise InputError(f"expected min_jaccard from 0 to 1; got {min_jaccard}")
    neighbours = neighbour_codes(np.zeros(bits, np.uint8), radius)
    rows = hashed.where(F.col(CODE).isNotNull()).select(
        F.col(id_column).alias("id"), CODE, *texts
    )
    if texts:
        kept = [rows.schema["id"], StructField(CODE, rows.schema[CODE].dataType)]
        shingles = StructField(_SHINGLES, ArrayType(LongType(), False))
        rows = rows.mapInArrow(_add_shingles, StructType([*kept, shingles]))
    masks = hashed.sparkSession.createDataFrame(
        # The uppermost of 64 bits is the sign.
        [(mask,) for mask in codes_to_int(neighbours).view(np.int64).tolist()],
        f"mask {code_field(bits).dataType.simpleString()}",
    )
    # Of two different codes only the smaller looks the larger up: half the work.
    bucket = F.col(CODE).bitwiseXOR(F.col("mask"))
    left = (
        rows.crossJoin(F.broadcast(masks))
        .withColumn(_BUCKET, bucket)
        .where(F.col(_BUCKET) >= F.col(CODE))
        .alias("left")
    )
    right = rows.withColumn(_BUCKET, F.col(CODE)).alias("right")
    a, b = F.col("left.id"), F.col("right.id")
    same = F.col(f"left.{_BUCKET}") == F.col(f"right.{_BUCKET}")
    pairs = left.join(right, same & ((F.col("mask") != 0) | (a < b)))
    columns = [
        F.least(a, b).alias("id_a"),
        F.greatest(a, b).alias("id_b"),
        F.bit_count("mask").alias("distance"),
    ]
    if min_jaccard is None:
        return pairs.select(columns)
    jaccard = _jaccard(F.col(f"left.{_SHINGLES}"), F.col(f"right.{_SHINGLES}"))
    return pairs.select(*columns, jaccard.alias("jaccard")).where(
        F.col("jaccard") >= min_jaccard
    )


def _add_shingles(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Replaces the texts, the third column, by their shingles; runs in a task."""
    for batch in batches:
        texts = batch.column(2).drop_null()
        lists = _shingles(decoded(texts))
        places = np.cumsum(batch.column(2).is_valid()) - 1
        # A place that is null stays null.
        places = pa.array(places, mask=np.asarray(batch.column(2).is_null()))
        columns = [batch.column(0), batch.column(1), lists.take(places)]
        yield pa.RecordBatch.from_arrays(columns, ["id", CODE, _SHINGLES])


def _shingles(texts: list[str]) -> pa.ListArray:
    """Returns the hashes of the shingles of each text, and of the whole text."""
    sets = shingle_sets(texts)
    ends = sets.starts + np.arange(len(texts) + 1)
    values = np.insert(
        sets.columns.astype(np.int64), sets.starts[1:], text_hashes(texts)
    )
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(values))


def _jaccard(a: Column, b: Column) -> Column:
    common = F.size(F.array_intersect(a, b))
    return common / (F.size(a) + F.size(b) - common)
