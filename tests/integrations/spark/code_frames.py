"""DataFrames of codes that no model made."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame, SparkSession

from wish_tf.codes import codes_to_int
from wish_tf.integrations.spark.code_column import code_field


def random_bits(count: int, bits: int, seed: int) -> np.ndarray:
    """Codes with many close pairs, uint8 [count, bits]."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2, (4, bits), np.uint8)
    flips = rng.random((count, bits)) < 1.5 / bits
    return centres[rng.integers(0, 4, count)] ^ flips


def code_frame(spark: SparkSession, bits: np.ndarray, ids, **columns) -> DataFrame:
    """A DataFrame with ids and codes, as `hash_dataframe` types them."""
    field = code_field(bits.shape[1])
    codes = codes_to_int(bits).view(np.int64).tolist()
    id_type = "string" if isinstance(ids[0], str) else "int"
    names = "".join(f", {name} string" for name in columns)
    df = spark.createDataFrame(
        list(zip(ids, codes, *columns.values(), strict=True)),
        f"id {id_type}, code {field.dataType.simpleString()}{names}",
    )
    return df.withMetadata("code", field.metadata)
