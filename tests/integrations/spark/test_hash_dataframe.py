import numpy as np
import pytest
from pyspark.sql import functions as F

from tests.integrations.spark.conftest import BITS, make_texts
from wish_tf.codes import codes_to_int
from wish_tf.errors import InputError
from wish_tf.integrations.spark import hash_dataframe


@pytest.fixture(scope="module")
def documents(spark):
    rows = [(i, text, [i]) for i, text in enumerate(make_texts(200))]
    return spark.createDataFrame(rows, "id int, text string, more array<int>")


def test_codes_are_those_of_one_machine(documents, model, hasher):
    texts = make_texts(200)
    hashed = hasher.hash([text or "" for text in texts])
    codes = codes_to_int(hashed.bits).tolist()
    assert len(set(codes)) > 20
    df = hash_dataframe(documents.repartition(3), model, probabilities=True)
    assert df.schema["code"].dataType.simpleString() == "int"
    assert df.schema["code"].metadata == {"bits": BITS}
    rows = sorted(df.collect(), key=lambda row: row.id)
    assert [row.text for row in rows] == texts
    assert [row.more for row in rows] == [[i] for i in range(200)]
    for i, row in enumerate(rows):
        if texts[i] is None:
            assert (row.code, row.out_of_vocabulary, row.probabilities) == (None,) * 3
        elif hashed.out_of_vocabulary[i]:
            expected = (None, True, None)
            assert (row.code, row.out_of_vocabulary, row.probabilities) == expected
        else:
            assert (row.code, row.out_of_vocabulary) == (codes[i], False)
            np.testing.assert_allclose(
                row.probabilities, hashed.probabilities[i], atol=1e-6
            )


def test_partitions_without_rows_and_without_texts(spark, model):
    df = spark.createDataFrame([(None,)] * 3, "text string").repartition(5)
    rows = hash_dataframe(df, model, probabilities=True).collect()
    assert [tuple(row) for row in rows] == [(None,) * 4] * 3


def test_bytes_that_are_no_utf8(spark, model, hasher):
    df = spark.range(1).select(F.lit(b"\xff w1 w2").cast("string").alias("text"))
    [row] = hash_dataframe(df, model).collect()
    assert row.code == codes_to_int(hasher.hash(["\ufffd w1 w2"]).bits)[0]


def test_a_process_loads_the_model_once(documents, model):
    from wish_tf.integrations.spark.shipped_model import load_shipped

    def misses(batches):
        import pyarrow as pa

        for batch in batches:
            info = load_shipped.cache_info()
            yield pa.RecordBatch.from_pydict({"misses": [info.misses] * len(batch)})

    hashed = hash_dataframe(documents.repartition(8), model).select("code")
    counts = hashed.mapInArrow(misses, "misses bigint").distinct().collect()
    assert {row.misses for row in counts} <= {0, 1}


def test_input_that_cannot_be_used(documents, model, tmp_path):
    with pytest.raises(InputError, match="expected a column 'body'; got"):
        hash_dataframe(documents, model, "body")
    with pytest.raises(InputError, match="strings in the column 'id'; got int"):
        hash_dataframe(documents, model, "id")
    with pytest.raises(InputError, match="expected a SavedModel"):
        hash_dataframe(documents, tmp_path)
    taken = documents.withColumn("Code", F.lit(1))
    with pytest.raises(InputError, match=r"without the columns \['code'\]"):
        hash_dataframe(taken, model)
