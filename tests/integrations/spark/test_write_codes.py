from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import functions as F

from tests.integrations.spark.code_frames import code_frame, random_bits
from wish_tf.errors import InputError
from wish_tf.integrations.spark import write_codes
from wish_tf.integrations.spark.code_column import code_bits


@pytest.mark.parametrize(("bits", "prefix_bits"), [(10, 3), (64, 2), (2, None)])
def test_folders_are_the_first_bits(spark, tmp_path, bits, prefix_bits):
    codes = random_bits(100, bits, seed=3)
    df = code_frame(spark, codes, list(range(100)))
    nulls = spark.createDataFrame([(100, None)], df.schema)
    path = tmp_path / "codes"
    write_codes(df.union(nulls), str(path), prefix_bits)
    assert (path / "_SUCCESS").exists()
    written = spark.read.parquet(str(path))
    assert code_bits(written) == bits
    first = prefix_bits or bits
    weights = 1 << np.arange(first)[::-1]
    rows = written.orderBy("id").collect()
    assert [row.id for row in rows] == list(range(101))
    prefixes = (codes[:, :first] @ weights).tolist()
    assert [row.code_prefix for row in rows] == [*prefixes, -1]
    folders = {child.name for child in path.iterdir() if child.is_dir()}
    assert folders == {f"code_prefix={value}" for value in [*prefixes, -1]}


def test_files_are_sorted_by_code(spark, tmp_path):
    import pyarrow.parquet as pq

    df = code_frame(spark, random_bits(300, 8, seed=1), list(range(300)))
    write_codes(df.repartition(5), str(tmp_path / "codes"), 1)
    for file in Path(tmp_path).rglob("*.parquet"):
        codes = pq.ParquetFile(file).read()["code"].to_pylist()
        assert codes == sorted(codes)


def test_input_that_cannot_be_used(spark, tmp_path):
    df = code_frame(spark, np.eye(4, dtype=np.uint8), [1, 2, 3, 4])
    for wrong in (0, 5):
        with pytest.raises(InputError, match="prefix_bits from 1 to 4 for codes of 4"):
            write_codes(df, str(tmp_path / "codes"), wrong)
    with pytest.raises(InputError, match="expected no column 'code_prefix'"):
        write_codes(df.withColumn("code_prefix", F.lit(1)), str(tmp_path / "codes"))
    assert not list(tmp_path.iterdir())
