from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from wish_tf.data.term_counts import TermCounts
from wish_tf.errors import InputError
from wish_tf.integrations.spark.code_column import check_columns
from wish_tf.integrations.spark.hash_dataframe import decoded
from wish_tf.integrations.spark.shipped_model import start_tensorflow_in_task

COUNTS = "term binary, texts bigint"


def count_terms(
    df: DataFrame, settings: Mapping[str, Any], text_column: str = "text"
) -> TermCounts:
    """Returns in how many texts of a DataFrame each term is.

    The counts are exact: those that `TfidfVectorization.count_texts` has of the same
    texts, but for terms in fewer than `min_df` of them, which no vocabulary has and
    which stay on the cluster.

    Args:
        df: a row a text; a null is none.
        settings: how texts are taken apart, the arguments of `TfidfVectorization`.
        text_column: name of a string column.

    Raises:
        InputError: if there is no such column, or no text.
    """
    check_columns(df, [text_column])
    texts = df.select(text_column).where(F.col(text_column).isNotNull())
    work = partial(_count, settings=dict(settings))
    by_term = texts.mapInArrow(work, COUNTS).groupBy("term")
    counted = by_term.agg(F.sum("texts").alias("texts"))
    total = texts.count()
    if not total:
        raise InputError(f"expected texts in the column {text_column!r}; got none")
    least = settings["min_df"]
    if isinstance(least, float):
        least *= total
    table = counted.where(F.col("texts") >= F.lit(least)).toArrow()
    order = np.argsort(np.array(table["term"].to_pylist(), object), kind="stable")
    table = table.take(pa.array(order))
    return TermCounts(table["term"].to_pylist(), table["texts"].to_numpy(), total)


def sample_texts(df: DataFrame, text_column: str, count: int, seed: int) -> DataFrame:
    """Returns at most so many rows with a text, drawn at random.

    Which ones depends on the texts and the seed alone, not on how Spark divides them.

    Args:
        df: n rows.
        text_column: name of a string column.
        count: how many.
        seed: of the draw.
    """
    check_columns(df, [text_column])
    text = F.col(text_column)
    by_chance = F.xxhash64(F.lit(seed), text)
    return df.where(text.isNotNull()).orderBy(by_chance, text).limit(count)


def _count(
    batches: Iterator[pa.RecordBatch], *, settings: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    """Yields the counts of a partition; runs in a task."""
    start_tensorflow_in_task()
    from wish_tf.layers import TfidfVectorization

    vectorization = TfidfVectorization(**settings)
    found: Counter[bytes] = Counter()
    for batch in batches:
        counts = vectorization.count_texts(decoded(batch.column(0)))
        found.update(dict(zip(counts.terms, counts.texts_with.tolist(), strict=True)))
    if found:
        yield pa.record_batch(
            [
                pa.array(found.keys(), pa.binary()),
                pa.array(found.values(), pa.int64()),
            ],
            names=["term", "texts"],
        )
