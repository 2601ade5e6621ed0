import pytest
from pyspark.sql import functions as F

from wish_tf.errors import InputError
from wish_tf.integrations.spark.code_column import code_bits, code_field


@pytest.mark.parametrize(
    ("bits", "kind"), [(4, "int"), (31, "int"), (32, "bigint"), (64, "bigint")]
)
def test_type_by_bits(bits, kind):
    assert code_field(bits).dataType.simpleString() == kind


def test_too_many_bits():
    with pytest.raises(InputError, match="at most 64 bits for an integer column"):
        code_field(65)


def test_bits_are_known_or_asked_for(spark, tmp_path):
    df = spark.range(3).select(F.col("id").cast("int").alias("code"))
    with pytest.raises(InputError, match="its number of bits in the metadata"):
        code_bits(df)
    with pytest.raises(InputError, match="expected a column 'code'"):
        code_bits(spark.range(3))
    df = df.withMetadata("code", {"bits": 9})
    df.write.parquet(str(tmp_path / "codes"))
    assert code_bits(df) == code_bits(spark.read.parquet(str(tmp_path / "codes"))) == 9
    with pytest.raises(InputError, match="got int with the metadata"):
        code_bits(df.withMetadata("code", {"bits": 40}))
