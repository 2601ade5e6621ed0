import sys

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from tests.integrations.spark.code_frames import code_frame, random_bits
from wish_tf.codes import codes_to_int
from wish_tf.errors import InputError
from wish_tf.index import HammingIndex
from wish_tf.integrations.spark import top_k


def answers(df, queries, k) -> dict:
    found: dict = {}
    for row in top_k(df, queries, k).orderBy("query_id", "rank").collect():
        hits = found.setdefault(row.query_id, [])
        assert row.rank == len(hits) + 1
        hits.append((row.id, row.distance))
    return found


@pytest.mark.parametrize(("bits", "k"), [(6, 7), (32, 3), (12, 500)])
def test_equal_to_the_index(spark, bits, k):
    codes = random_bits(300, bits, seed=bits)
    ids = np.random.default_rng(2).permutation(1000)[:300]
    asked = random_bits(5, bits, seed=99)
    index = HammingIndex(bits)
    index.add(codes, ids=ids)
    expected = index.search(asked, min(k, 300))
    df = code_frame(spark, codes, ids.tolist()).repartition(4)
    found = answers(df, code_frame(spark, asked, list("vwxyz")), k)
    for i, name in enumerate("vwxyz"):
        wanted = zip(expected.ids[i], expected.distances[i], strict=True)
        assert found[name] == list(wanted)


def test_ids_of_strings_are_in_their_order(spark):
    ids = [f"{name}{i}" for i in range(20) for name in ("b", "a", "é", "😀", "\uffee")]
    df = code_frame(spark, np.zeros((100, 5), np.uint8), ids).repartition(3)
    found = answers(df, df.where(F.col("id") == "a3"), 90)
    assert [name for name, _ in found["a3"]] == sorted(ids)[:90]


def test_chunks_of_rows_and_of_queries(spark, monkeypatch):
    # The package has a function of the module's name.
    module = sys.modules["wish_tf.integrations.spark.top_k"]
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    monkeypatch.setattr(module, "_QUERIES_AT_ONCE", 2)

    class Sent:
        value = (pa.array([10, 11, 12]), random_bits(3, 8, 5))

    codes = random_bits(20, 8, seed=4)
    table = pa.table(
        {"id": pa.array(range(20)), "code": codes_to_int(codes).astype(np.int32)}
    )
    batches = table.to_batches(max_chunksize=4)
    found = pa.Table.from_batches(
        list(module._nearest(batches, queries=Sent, bits=8, k=2))
    )
    # Chunks of 8, 8 and 4 rows.
    assert found.num_rows == 3 * 3 * 2
    distances = (Sent.value[1][:, None] != codes).sum(2)
    for row in found.to_pylist():
        assert row["distance"] == distances[row["query_id"] - 10, row["id"]]


def test_rows_and_queries_without_a_code(spark):
    df = code_frame(spark, np.eye(4, dtype=np.uint8), [1, 2, 3, 4])
    nulls = spark.createDataFrame([(7, None)], df.schema)
    found = answers(df.union(nulls), df.where("id = 2").union(nulls), 9)
    assert found == {2: [(2, 0), (1, 2), (3, 2), (4, 2)]}
    assert answers(nulls, df, 2) == answers(df, nulls, 2) == {}


def test_input_that_cannot_be_used(spark):
    df = code_frame(spark, np.eye(4, dtype=np.uint8), [1, 2, 3, 4])
    longer = code_frame(spark, np.eye(5, dtype=np.uint8), [1, 2, 3, 4, 5])
    with pytest.raises(InputError, match="expected k to be a whole .*; got 0"):
        top_k(df, df, 0)
    with pytest.raises(InputError, match="queries of 4 bits as the rows; got 5"):
        top_k(df, longer, 1)
    with pytest.raises(InputError, match="expected a column 'name'"):
        top_k(df, df, 1, id_column="name")
    floats = df.withColumn("id", F.col("id").cast("double"))
    with pytest.raises(InputError, match="in the column 'id'; got double"):
        top_k(floats, df, 1)
