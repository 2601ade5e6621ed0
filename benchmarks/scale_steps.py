"""One step of `benchmarks/scale.py`, in a process of its own.

    python benchmarks/scale_steps.py STEP '{"folder": ..., "size": ..., ...}'

Prints a JSON object: what was measured.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_FILE = 100_000
DROPPED = 0.1  # of the words of a copy
QUERIES, K = 100, 10


def make_texts(folder: Path, size: int, corpus: str) -> dict:
    """Writes so many texts: the corpus, and copies without some of the words."""
    from wish_tf.corpora import load_corpus

    texts = load_corpus(corpus).texts
    target = folder / f"texts-{size}"
    target.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    total = 0
    for start in range(0, size, ROWS_A_FILE):
        ids = range(start, min(start + ROWS_A_FILE, size))
        part = [_copy(texts[i % len(texts)], i >= len(texts), rng) for i in ids]
        total += sum(len(text.encode()) for text in part)
        table = pa.table({"id": ids, "text": part})
        pq.write_table(table, target / f"{start:010}.parquet")
    return {
        "originals": len(texts),
        "text_bytes": total,
        "parquet_bytes": disk_bytes(target),
    }


def _copy(text: str, shorten: bool, rng: np.random.Generator) -> str:
    words = text.split()
    if not shorten:
        return text
    kept = rng.random(len(words)) >= DROPPED
    return " ".join(word for word, keep in zip(words, kept, strict=True) if keep)


def hash_here(folder: Path, size: int, model: str, bits: int) -> dict:
    """Hashes by `SavedHasher`, from Parquet to Parquet."""
    from wish_tf.codes import codes_to_int
    from wish_tf.saved_model import SavedHasher

    hasher = SavedHasher(model)
    hasher.hash(["start"])
    target = folder / f"here-{bits}-{size}.parquet"
    schema = pa.schema({"id": pa.int64(), "code": pa.int64()})
    with measured() as result, pq.ParquetWriter(target, schema) as writer:
        for file in sorted((folder / f"texts-{size}").glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(10_000):
                hashed = hasher.hash(batch["text"].to_pylist())
                codes = codes_to_int(hashed.bits).view(np.int64)
                column = pa.array(codes, mask=hashed.out_of_vocabulary)
                writer.write_batch(
                    pa.RecordBatch.from_arrays([batch["id"], column], schema=schema)
                )
    return result | {"codes_bytes": target.stat().st_size}


def hash_on_spark(folder: Path, size: int, model: str, bits: int) -> dict:
    """Hashes by Spark, from Parquet to Parquet by prefix, and compares the codes."""
    from wish_tf.integrations.spark import hash_dataframe, write_codes

    target = folder / f"spark-{bits}-{size}"
    with spark_session() as (spark, log):
        texts = spark.read.parquet(str(folder / f"texts-{size}"))
        begun = time.perf_counter()
        # Both workers start TensorFlow and load the model.
        few = spark.createDataFrame([("start",)] * 8, "text string").repartition(2)
        hash_dataframe(few, model).collect()
        start_seconds = time.perf_counter() - begun
        with measured() as result:
            write_codes(hash_dataframe(texts, model), str(target))
        result["worker_bytes"] = _largest_worker()
    result |= task_totals(log)
    result |= {"start_seconds": start_seconds, "parquet_bytes": disk_bytes(target)}
    here = pq.read_table(folder / f"here-{bits}-{size}.parquet")
    there = pq.read_table(target, columns=["id", "code"]).sort_by("id")
    if not here["id"].equals(there["id"]):
        raise SystemExit("expected the same ids from one machine and from Spark")
    codes = [_with_minus_one(table["code"]) for table in (here, there)]
    counts = np.unique(codes[0][codes[0] >= 0], return_counts=True)[1]
    shares = counts / counts.sum()
    return result | {
        "differing_codes": int((codes[0] != codes[1]).sum()),
        "without_code": int((codes[0] < 0).sum()),
        "distinct_codes": counts.size,
        "largest_bucket": int(counts.max()),
        "entropy_bits": float(-(shares * np.log2(shares)).sum()),
        "pairs_within_codes": int((counts * (counts - 1) // 2).sum()),
    }


def join(folder: Path, size: int, bits: int, radius: int) -> dict:
    """Counts the pairs within a radius."""
    from wish_tf.integrations.spark import near_duplicates

    with spark_session() as (spark, log):
        codes = spark.read.parquet(str(folder / f"spark-{bits}-{size}"))
        with measured() as result:
            result["pairs"] = near_duplicates(codes, radius).count()
    return result | task_totals(log)


def search(folder: Path, size: int, bits: int) -> dict:
    """Searches the neighbours of some rows."""
    from wish_tf.integrations.spark import top_k

    with spark_session() as (spark, log):
        codes = spark.read.parquet(str(folder / f"spark-{bits}-{size}"))
        queries = codes.where(f"id < {QUERIES}").select("id", "code")
        top_k(codes.limit(8), queries, K).collect()
        with measured() as result:
            result["found"] = top_k(codes, queries, K).count()
    return result | task_totals(log)


STEPS = {
    function.__name__: function
    for function in (make_texts, hash_here, hash_on_spark, join, search)
}


@contextmanager
def measured() -> Iterator[dict]:
    """Yields a dict that gets the seconds, by the clock and of processor time.

    The latter are those of this process and all that it has started, so they do not
    depend on what else the machine does.
    """
    result: dict = {}
    clock, processor = time.perf_counter(), processor_seconds()
    yield result
    result["processor_seconds"] = processor_seconds() - processor
    result["seconds"] = time.perf_counter() - clock


def processor_seconds() -> float:
    own = psutil.Process()
    total = 0.0
    for process in [own, *own.children(recursive=True)]:
        try:
            # With those of children that have ended.
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


@contextmanager
def spark_session() -> Iterator[tuple]:
    """Yields a session of two workers and the folder of its event log."""
    from pyspark.sql import SparkSession

    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    log = Path(tempfile.mkdtemp())
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "3g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.rolling.enabled", "false")
        .config("spark.eventLog.compress", "false")
        .config("spark.eventLog.dir", log.as_uri())
        .getOrCreate()
    )
    try:
        yield session, log
    finally:
        session.stop()


def task_totals(log: Path) -> dict:
    """Returns the bytes that the tasks of an event log shuffled and spilled."""
    shuffled = spilled = 0
    for file in log.iterdir():
        for line in file.read_text().splitlines():
            metrics = json.loads(line).get("Task Metrics")
            if metrics:
                shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                spilled += metrics["Disk Bytes Spilled"]
    return {"shuffle_bytes": shuffled, "spilled_bytes": spilled}


def disk_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def _largest_worker() -> int:
    """Returns the memory of the largest Python process that Spark has started."""
    processes = psutil.Process().children(recursive=True)
    return max(
        process.memory_info().rss
        for process in processes
        if "java" not in process.name()
    )


def _with_minus_one(codes: pa.ChunkedArray) -> np.ndarray:
    return codes.cast(pa.int64()).fill_null(-1).to_numpy()


if __name__ == "__main__":
    settings = json.loads(sys.argv[2])
    settings["folder"] = Path(settings["folder"])
    print(json.dumps(STEPS[sys.argv[1]](**settings)))
