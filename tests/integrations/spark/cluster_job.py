"""What the driver of `test_cluster.py` does, in a process of its own.

    python -m tests.integrations.spark.cluster_job MASTER MODEL FOLDER

Hashes `FOLDER/texts` into `FOLDER/codes`. Of its tasks, those of partition 2 and above
wait at their start, in files of `FOLDER/waiting`, until there is a file `FOLDER/go`.
Then searches, into `FOLDER/pairs` and `FOLDER/nearest`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from pyspark import TaskContext
from pyspark.sql import SparkSession

from tests.integrations.spark.cluster import wait_until
from wish_tf.integrations.spark import (
    hash_dataframe,
    near_duplicates,
    top_k,
    write_codes,
)

PARTITIONS = 6
FREE = 2


def wait_at_start(batches, folder: Path):
    """Passes the batches on, once the task may."""
    context = TaskContext.get()
    if context.partitionId() >= FREE:
        name = f"{context.partitionId()}.{context.attemptNumber()}"
        (folder / "waiting" / name).write_text(str(os.getppid()))
        wait_until((folder / "go").exists)
    yield from batches


def main(master: str, model: str, folder: Path) -> None:
    spark = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "512m")
        .config("spark.sql.shuffle.partitions", "4")
        # Two cores, one executor each, before the first task starts.
        .config("spark.executor.cores", "1")
        .config("spark.scheduler.minRegisteredResourcesRatio", "1")
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "300s")
        .config("spark.cores.max", "2")
        # `wait_at_start` is of this module, which executors must find.
        .config("spark.executorEnv.PYTHONPATH", os.environ["PYTHONPATH"])
        .getOrCreate()
    )
    texts = spark.read.parquet(f"file://{folder}/texts").repartition(PARTITIONS, "id")
    gated = texts.mapInArrow(partial(wait_at_start, folder=folder), texts.schema)
    write_codes(hash_dataframe(gated, model), f"file://{folder}/codes", 2)
    codes = spark.read.parquet(f"file://{folder}/codes")
    pairs = near_duplicates(codes, 1)
    pairs.write.parquet(f"file://{folder}/pairs")
    top_k(codes, codes.where("id < 20"), 5).write.parquet(f"file://{folder}/nearest")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
