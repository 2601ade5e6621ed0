from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from wish_tf.errors import InputError
from wish_tf.integrations.spark.code_column import CODE, code_bits

PREFIX = "code_prefix"
MAX_PREFIX_BITS = 12


def write_codes(hashed: DataFrame, path: str, prefix_bits: int | None = None) -> None:
    """Writes a hashed DataFrame as Parquet, partitioned by the first bits of the code.

    A reader that filters by `code_prefix` opens the folders of those codes only, and
    one that filters by `code` skips most of the row groups in a file, since the rows
    are sorted by it.

    Args:
        hashed: of `hash_dataframe`. It is computed once.
        path: a folder that does not exist yet, anywhere that Spark can write. It holds
            `code_prefix=<integer>/*.parquet`, -1 for the rows without a code. Spark
            adds the file `_SUCCESS` last.
        prefix_bits: how many bits, 1 to 12 and at most those of a code; 2**prefix_bits
            folders. By default 4, or all of a shorter code.

    Raises:
        InputError: If `hashed` has no column of codes, has a column `code_prefix`
            already, or cannot be partitioned so.
    """
    bits = code_bits(hashed)
    most = min(bits, MAX_PREFIX_BITS)
    prefix_bits = min(4, bits) if prefix_bits is None else prefix_bits
    if not 1 <= prefix_bits <= most:
        raise InputError(
            f"expected prefix_bits from 1 to {most} for codes of {bits} bits; "
            f"got {prefix_bits}"
        )
    if PREFIX in hashed.columns:
        raise InputError(
            f"expected no column {PREFIX!r}, which is to be added; got {hashed.columns}"
        )
    prefix = F.shiftrightunsigned(CODE, bits - prefix_bits).cast("int")
    (
        # PyArrow cannot read a folder for null beside folders for numbers.
        hashed.withColumn(PREFIX, F.coalesce(prefix, F.lit(-1)))
        # Not `repartition`: there a prefix would be one task, however many rows it has.
        .hint("rebalance", PREFIX)
        .sortWithinPartitions(PREFIX, CODE)
        .write.partitionBy(PREFIX)
        .parquet(path)
    )
