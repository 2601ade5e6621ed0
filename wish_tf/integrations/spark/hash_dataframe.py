from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    FloatType,
    StringType,
    StructField,
    StructType,
)

from wish_tf.codes import codes_to_int
from wish_tf.errors import InputError
from wish_tf.integrations.spark.code_column import (
    CODE,
    PROBABILITIES,
    UNKNOWN,
    check_columns,
    code_field,
)
from wish_tf.integrations.spark.shipped_model import load_shipped, ship_model


def hash_dataframe(
    df: DataFrame,
    model: str | Path,
    text_column: str = "text",
    *,
    probabilities: bool = False,
) -> DataFrame:
    """Adds the code of each row's text.

    Every column goes through Python on the way: select those to be kept first.
    As all of Spark's, the result is computed when it is asked for, each time anew:
    write or cache it before it is used twice.

    Args:
        df: n rows.
        model: a folder of versions on this machine (the newest is taken) or one
            version. It is sent to each executor once.
        text_column: name of a string column. Bytes that are no UTF-8 count as
            unknown characters.
        probabilities: whether to add the probability of each bit, `array<float>`.

    Returns:
        `df` with the columns

        - `code`: `int` up to 31 bits, `bigint` up to 64, as
          `wish_tf.codes.codes_to_int` (the uppermost of 64 bits is the sign); null
          where the text is null or has no known word, as a code of none says nothing
        - `out_of_vocabulary`: whether the text has no known word; null where it is null
        - `probabilities`, if asked for; null as `code` is

    Raises:
        InputError: If there is no such column of strings, a column of the result's
            names is there already, or there is no exported model.
    """
    # TensorFlow starts here only: the other functions do without.
    from wish_tf.saved_model import SavedHasher

    check_columns(df, [text_column])
    kind = df.schema[text_column].dataType
    if not isinstance(kind, StringType):
        raise InputError(
            f"expected strings in the column {text_column!r}; got {kind.simpleString()}"
        )
    hasher = SavedHasher(model)
    added = [code_field(hasher.bits), StructField(UNKNOWN, BooleanType())]
    if probabilities:
        added.append(StructField(PROBABILITIES, ArrayType(FloatType(), False)))
    # Spark does not tell upper from lower case in names, unless it is told to.
    taken = {name.lower() for name in df.columns} & {field.name for field in added}
    if taken:
        raise InputError(
            f"expected a DataFrame without the columns {sorted(taken)}, which are to "
            f"be added; got {df.columns}"
        )
    name = ship_model(df.sparkSession.sparkContext, hasher.path)
    work = partial(
        _hash_batches,
        name=name,
        position=df.columns.index(text_column),
        code_type=to_arrow_type(added[0].dataType),
        probabilities=probabilities,
    )
    return df.mapInArrow(work, StructType([*df.schema.fields, *added]))


def _hash_batches(
    batches: Iterator[pa.RecordBatch],
    *,
    name: str,
    position: int,
    code_type: pa.DataType,
    probabilities: bool,
) -> Iterator[pa.RecordBatch]:
    """Adds the columns to each batch; runs in a task."""
    hasher = load_shipped(name)
    for batch in batches:
        texts = batch.column(position)
        hashed = hasher.hash(decoded(texts.drop_null()))
        given = np.asarray(texts.is_valid())
        unknown = np.zeros(len(given), bool)
        unknown[given] = hashed.out_of_vocabulary
        known = given & ~unknown
        rows = np.flatnonzero(~hashed.out_of_vocabulary)
        codes = np.zeros(len(given), np.uint64)
        codes[known] = codes_to_int(hashed.bits[rows])
        codes = codes.view(np.int64).astype(code_type.to_pandas_dtype())
        batch = batch.append_column(CODE, pa.array(codes, mask=~known))
        batch = batch.append_column(UNKNOWN, pa.array(unknown, mask=~given))
        if probabilities:
            lists = _lists(hashed.probabilities[rows], known)
            batch = batch.append_column(PROBABILITIES, lists)
        yield batch


def decoded(texts: pa.Array) -> list[str]:
    """Returns strings of Spark, with replacement characters for bytes that are none."""
    # Spark does not check that its strings are UTF-8, and PyArrow would fail.
    return [
        text.decode("utf-8", "replace") for text in texts.cast(pa.binary()).to_pylist()
    ]


def _lists(values: np.ndarray, known: np.ndarray) -> pa.Array:
    """Returns the rows of `values` as lists at the known places, null elsewhere."""
    ends = np.cumsum(known) * values.shape[1]
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(values.ravel()), mask=pa.array(~known)
    )
