import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wish_tf.codes import codes_to_int, pack_bits
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index import HammingIndex
from wish_tf.integrations import ParquetCodes, ParquetCodesWriter
from wish_tf.integrations.parquet_codes_writer import ROW_GROUP


def hashed_texts(documents: int, bits: int, seed: int = 0) -> HashedTexts:
    rng = np.random.default_rng(seed)
    probabilities = rng.random((documents, bits), np.float32)
    return HashedTexts(probabilities, rng.random(documents) < 0.2)


@pytest.mark.parametrize("bits", [1, 4, 8, 11, 16, 32, 63, 64, 100])
def test_codes_come_back(bits, tmp_path):
    parts = [hashed_texts(30, bits, seed=1), hashed_texts(50, bits, seed=2)]
    path = tmp_path / "codes.parquet"
    with ParquetCodesWriter(path, bits, model={"name": "a"}) as writer:
        writer.write(np.arange(30), parts[0])
        writer.write(range(30, 80), parts[1])
    stored = ParquetCodes(path)
    assert (stored.bits, stored.model, stored.documents) == (bits, {"name": "a"}, 80)
    batches = list(stored.batches(size=7))
    assert max(len(ids) for ids, _ in batches) <= 7
    known = ~np.concatenate([part.out_of_vocabulary for part in parts])
    expected = np.concatenate([part.bits for part in parts])[known]
    np.testing.assert_array_equal(
        np.concatenate([ids for ids, _ in batches]), np.flatnonzero(known)
    )
    np.testing.assert_array_equal(
        np.concatenate([codes for _, codes in batches]), expected
    )


def test_every_column_holds_what_it_says(tmp_path):
    hashed = hashed_texts(20, 12)
    texts = [f"text {i} é" for i in range(20)]
    path = tmp_path / "codes.parquet"
    with ParquetCodesWriter(
        path, 12, id_type=pa.string(), probabilities=True, texts=True
    ) as writer:
        writer.write([f"doc{i}" for i in range(20)], hashed, texts)
    table = pq.read_table(path)
    assert table.schema.names == ["id", "code", "code_bytes", "probabilities", "text"]
    assert table.schema.field("code_bytes").type == pa.binary(2)
    about = {"format": 1, "bits": 12, "model": {}}
    assert json.loads(table.schema.metadata[b"wish_tf"]) == about
    unknown = hashed.out_of_vocabulary
    assert unknown.any() and not unknown.all()
    packed, integers = pack_bits(hashed.bits), codes_to_int(hashed.bits).tolist()
    for i, row in enumerate(table.to_pylist()):
        assert (row["id"], row["text"]) == (f"doc{i}", texts[i])
        if unknown[i]:
            assert row["code"] is row["code_bytes"] is row["probabilities"] is None
        else:
            assert row["code"] == integers[i]
            assert row["code_bytes"] == packed[i].tobytes()
            assert row["probabilities"] == hashed.probabilities[i].tolist()


def test_the_largest_integers_fit(tmp_path):
    path = tmp_path / "codes.parquet"
    ones = HashedTexts(np.ones((1, 63), np.float32), np.zeros(1, bool))
    with ParquetCodesWriter(path, 63) as writer:
        writer.write([0], ones)
    assert pq.read_table(path)["code"].to_pylist() == [2**63 - 1]


def test_small_batches_share_a_row_group(tmp_path):
    hashed = hashed_texts(1000, 8)
    path = tmp_path / "codes.parquet"
    with ParquetCodesWriter(path, 8) as writer:
        for start in range(0, 2 * ROW_GROUP, 1000):
            writer.write(np.arange(start, start + 1000), hashed)
    groups = pq.ParquetFile(path).metadata
    sizes = [groups.row_group(i).num_rows for i in range(groups.num_row_groups)]
    assert sizes == [66_000, 66_000]
    assert ParquetCodes(path).documents == 132_000


def test_a_large_batch_is_split_into_row_groups(tmp_path):
    path = tmp_path / "codes.parquet"
    rows = 5 * ROW_GROUP
    with ParquetCodesWriter(path, 1) as writer:
        writer.write(np.arange(rows), hashed_texts(rows, 1))
    groups = pq.ParquetFile(path).metadata
    assert groups.num_row_groups == 3
    assert groups.row_group(0).num_rows == 2 * ROW_GROUP


def test_an_index_is_filled_from_the_file(tmp_path):
    path = tmp_path / "codes.parquet"
    hashed = hashed_texts(300, 10)
    with ParquetCodesWriter(path, 10) as writer:
        writer.write(np.arange(300), hashed)
    index = HammingIndex(10)
    for ids, codes in ParquetCodes(path).batches(64):
        index.add(codes, ids)
    expected = HammingIndex(10)
    known = np.flatnonzero(~hashed.out_of_vocabulary)
    expected.add(hashed.bits[known], known)
    queries = hashed.bits[:20]
    np.testing.assert_array_equal(
        index.search(queries, k=5).ids, expected.search(queries, k=5).ids
    )


def test_no_documents(tmp_path):
    path = tmp_path / "codes.parquet"
    with ParquetCodesWriter(path, 8):
        pass
    stored = ParquetCodes(path)
    assert stored.documents == 0 and list(stored.batches()) == []


def test_a_failure_leaves_the_former_file(tmp_path):
    path = tmp_path / "codes.parquet"
    with ParquetCodesWriter(path, 8) as writer:
        writer.write([1], hashed_texts(1, 8))
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        with ParquetCodesWriter(path, 8) as writer:
            writer.write([1, 2], hashed_texts(2, 8))
            raise ZeroDivisionError
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["codes.parquet"]


@pytest.mark.parametrize(
    ("ids", "hashed", "texts", "message"),
    [
        ([1], hashed_texts(1, 9), None, "expected codes of 8 bits, as in the file; "),
        ([1], hashed_texts(2, 8), None, "expected 2 ids, one a code; got"),
        (["a"], hashed_texts(1, 8), None, "expected ids of the type int64; got others"),
        ([1], hashed_texts(1, 8), ["a"], "expected texts if and only if the "),
    ],
)
def test_what_does_not_fit_is_refused(ids, hashed, texts, message, tmp_path):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        with ParquetCodesWriter(tmp_path / "codes.parquet", 8) as writer:
            writer.write(ids, hashed, texts)
    assert list(tmp_path.iterdir()) == []


def test_missing_texts_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"if the file has them; got none$"):
        with ParquetCodesWriter(tmp_path / "c.parquet", 8, texts=True) as writer:
            writer.write([1], hashed_texts(1, 8))


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="; got no "):
        ParquetCodes(tmp_path / "missing.parquet")
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"id": [1]}), other)
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(b"PAR1 and no more")
    for path in (other, damaged):
        with pytest.raises(InputError, match="which is another file, or damaged$"):
            ParquetCodes(path)
    newer = pa.schema([("id", pa.int64())], {b"wish_tf": b'{"format": 2}'})
    pq.write_table(newer.empty_table(), other)
    with pytest.raises(InputError, match="of format 2$"):
        ParquetCodes(other)
