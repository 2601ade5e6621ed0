from __future__ import annotations

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from wish_tf.codes import codes_to_int, neighbour_codes
from wish_tf.errors import InputError
from wish_tf.spark.code_column import CODE, check_columns, code_bits, code_field

_BUCKET, _WORDS = "_bucket", "_words"


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
        min_jaccard: keep only the pairs whose sets of words are as similar as this,
            0 to 1: the number of words that both texts have over the number that either
            has. Words are runs of letters, digits and underscores in lower case.
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
    words = [_words(F.col(text)).alias(_WORDS) for text in texts]
    rows = hashed.where(F.col(CODE).isNotNull()).select(
        F.col(id_column).alias("id"), CODE, *words
    )
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
    jaccard = _jaccard(F.col(f"left.{_WORDS}"), F.col(f"right.{_WORDS}"))
    return pairs.select(*columns, jaccard.alias("jaccard")).where(
        F.col("jaccard") >= min_jaccard
    )


def _words(text: Column) -> Column:
    parts = F.array_distinct(F.split(F.lower(text), r"(?U)\W+"))
    return F.array_remove(parts, "")


def _jaccard(a: Column, b: Column) -> Column:
    common = F.size(F.array_intersect(a, b))
    # Null where neither has a word; a plain division would fail there.
    return F.try_divide(common, F.size(a) + F.size(b) - common)
