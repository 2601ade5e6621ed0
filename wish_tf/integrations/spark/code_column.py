"""The columns of a DataFrame of codes."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql.types import IntegerType, LongType, StructField

from wish_tf.errors import InputError

CODE = "code"
UNKNOWN = "out_of_vocabulary"
PROBABILITIES = "probabilities"
MAX_BITS = 64
_INT_BITS = 31
_KEY = "bits"


def code_field(bits: int) -> StructField:
    """Returns the column of codes of so many bits.

    It is an `int` up to 31 bits and a `bigint` up to 64, the integer of
    `wish_tf.codes.codes_to_int`; the uppermost of 64 bits is the sign, as Spark has
    no unsigned integers. Its metadata hold the number of bits, which Parquet keeps.

    Raises:
        InputError: If there are more than 64 bits.
    """
    if bits > MAX_BITS:
        raise InputError(
            f"expected a model of at most {MAX_BITS} bits for an integer column; "
            f"got one of {bits}"
        )
    kind = IntegerType() if bits <= _INT_BITS else LongType()
    return StructField(CODE, kind, True, {_KEY: bits})


def code_bits(hashed: DataFrame) -> int:
    """Returns the number of bits of a DataFrame's codes.

    Raises:
        InputError: If there is no column of codes, or it does not say its bits.
    """
    check_columns(hashed, [CODE])
    field = hashed.schema[CODE]
    bits = field.metadata.get(_KEY)
    if bits is None or field.dataType != code_field(bits).dataType:
        raise InputError(
            f"expected a column {CODE!r} that hash_dataframe made, with its number of "
            f"bits in the metadata (DataFrame.withMetadata sets them); got "
            f"{field.dataType.simpleString()} with the metadata {field.metadata}"
        )
    return bits


def check_columns(df: DataFrame, names: Iterable[str]) -> None:
    """Raises InputError if a column is not there."""
    for name in names:
        if name not in df.columns:
            raise InputError(f"expected a column {name!r}; got {df.columns}")
