import json

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="needs pyspark: pip install '.[spark]'")

import pyarrow as pa
import pyarrow.parquet as pq

from tests.integrations.spark.conftest import spark
from wish_tf import TextHasher
from wish_tf.cli import main
from wish_tf.data.term_counts import TermCounts
from wish_tf.runs import RunFolder

__all__ = ["spark"]
QUICK = (
    "space.decoders=1",
    "space.annealing.steps=20",
    "space.annealing.fewest_steps=20",
    "topics.search.moves=2",
    "topics.starts=1",
)


def settings() -> list[str]:
    return [part for each in QUICK for part in ("--set", f"strategy.{each}")]


@pytest.fixture(scope="module")
def documents(docs_file, tmp_path_factory):
    """A Parquet folder of two files."""
    lines = [json.loads(line) for line in docs_file.open(encoding="utf-8")]
    folder = tmp_path_factory.mktemp("docs") / "docs.parquet"
    folder.mkdir()
    for part in range(2):
        table = pa.table(
            {
                "body": [line["text"] for line in lines[part::2]],
                "topic": [line["labels"][0] for line in lines[part::2]],
            }
        )
        pq.write_table(table, folder / f"{part}.parquet")
    return folder


def test_a_run_has_the_terms_of_all_texts_and_the_codes_of_its_sample(
    spark, documents, tmp_path, capsys
):
    out = tmp_path / "run"
    command = ["spark-train", str(documents), "--out", str(out), "--bits", "16"]
    command += ["--text-field", "body", "--label-field", "topic", "--sample", "600"]
    assert main([*command, *settings()]) == 0
    said = capsys.readouterr()
    assert "1,500 texts counted" in said.err and "Prec@100 on test: 0." in said.out
    hasher = RunFolder(out).hasher()
    texts = pq.read_table(documents)["body"].to_pylist()
    alone = TextHasher(16, recipe=hasher.recipe)
    alone.fit_vocabulary(texts)
    assert hasher.vocabulary == alone.vocabulary
    np.testing.assert_array_equal(
        hasher.vectorization_.idf_weights, alone.vectorization_.idf_weights
    )
    # The same sample on one machine gives the same codes.
    sample, counts = (tmp_path / "run-spark" / f"{name}.parquet" for name in NAMES)
    assert len(pq.read_table(sample)) == 600
    again = [str(sample), "--counts", str(counts), "--bits", "16"]
    again += settings()
    assert main(["train", *again, "--out", str(tmp_path / "again")]) == 0
    other = RunFolder(tmp_path / "again").hasher()
    np.testing.assert_array_equal(hasher.transform(texts), other.transform(texts))
    capsys.readouterr()
    # Nothing is replaced that was not meant.
    assert main([*command, *settings()]) == 1
    assert "give --force to replace them" in capsys.readouterr().err


NAMES = ("sample", "counts")


def test_what_cannot_be_read_is_one_sentence(spark, documents, tmp_path, capsys):
    command = ["spark-train", str(documents), "--out", str(tmp_path / "run")]
    assert main(command) == 1
    assert "expected a field 'text'; got 'body', 'topic'" in capsys.readouterr().err
    assert main(["spark-train", "absent", "--out", str(tmp_path / "run")]) == 1
    assert "or a pattern; got 'absent', where" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_counts_are_kept_in_a_file(tmp_path, capsys, docs_file):
    counts = TermCounts([b"oil", "stra\u00dfe".encode()], np.array([5, 3]), 9)
    counts.save(tmp_path / "counts.parquet")
    found = TermCounts.load(tmp_path / "counts.parquet")
    assert (found.terms, found.texts) == (counts.terms, 9)
    np.testing.assert_array_equal(found.texts_with, [5, 3])
    command = ["train", str(docs_file), "--out", str(tmp_path / "run"), "--counts"]
    assert main([*command, str(docs_file)]) == 1
    assert "expected counts of terms in" in capsys.readouterr().err
