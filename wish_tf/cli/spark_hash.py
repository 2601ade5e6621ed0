"""wish-tf spark-hash: a Parquet file to one with codes, on Apache Spark."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "spark-hash",
        help="hash a Parquet file on Apache Spark",
        description="Adds the columns code and out_of_vocabulary to a Parquet file or "
        "folder and writes a folder partitioned by the first bits of the code. IN and "
        "OUT are files that every executor sees, or the URI of a store that Spark "
        "knows, such as hdfs://HOST/PATH.",
    )
    parser.add_argument("model", metavar="MODEL", help="e.g. saved_models/NAME")
    parser.add_argument("input", metavar="IN", help="e.g. docs.parquet")
    parser.add_argument("output", metavar="OUT", help="a folder that is not there yet")
    parser.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="column of the text (default: text)",
    )
    parser.add_argument(
        "--master",
        metavar="URL",
        help="local[N], spark://HOST:PORT, yarn, ...; default: what spark-submit or "
        "Spark's own settings say, or else all cores of this machine",
    )
    parser.add_argument(
        "--prefix-bits",
        type=int,
        metavar="N",
        help="how many bits of the code the folders are made by, 1-12 (default: 4)",
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="add the probability of each bit"
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise InputError("expected Java 17 or later for Spark; got none")
    local_input, local_output = "://" not in args.input, "://" not in args.output
    if local_input and not Path(args.input).exists():
        raise InputError(f"expected Parquet in {args.input!r}; got no such file")
    if local_output and Path(args.output).exists():
        raise InputError(
            f"expected a new folder to write; got {args.output!r}, which is there"
        )
    start_tensorflow()
    try:
        from pyspark.errors import AnalysisException

        from wish_tf.spark import hash_dataframe, write_codes
    except ModuleNotFoundError as error:
        raise InputError(
            f"expected {error.name} for Spark; got none: pip install 'wish-tf[spark]'"
        ) from None
    from wish_tf.files import replacing

    writing = replacing(args.output) if local_output else nullcontext(args.output)
    with _session(args.master) as spark, writing as output:
        try:
            df = spark.read.parquet(_uri(args.input))
            hashed = hash_dataframe(
                df, args.model, args.text_field, probabilities=args.probabilities
            )
            write_codes(hashed, _uri(output), args.prefix_bits)
            counts = _counts(spark.read.parquet(_uri(output)))
        except AnalysisException as error:
            raise InputError(
                f"expected {args.input} to be read and {args.output} to be written; "
                f"got from Spark: {str(error).splitlines()[0]}"
            ) from error
    if args.json:
        print_json({"path": args.output, **counts})
        return
    print(
        f"{counts['rows']:,} rows in {args.output}, {counts['out_of_vocabulary']:,} "
        f"without a known word, {counts['null']:,} without a text"
    )


@contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    """Yields the session of the process, or one that ends with the command."""
    from pyspark.sql import SparkSession

    # The Python that has this package; PySpark would take the first `python3`.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    active = SparkSession.getActiveSession()
    if active:
        yield active
        return
    builder = SparkSession.builder.appName("wish-tf spark-hash")
    session = (builder.master(master) if master else builder).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def _uri(path: str | Path) -> str:
    """Returns what Spark calls a file here, whatever its default file system is."""
    return str(path) if "://" in str(path) else Path(path).resolve().as_uri()


def _counts(written: DataFrame) -> dict[str, int]:
    from pyspark.sql import functions as F

    flag = F.col("out_of_vocabulary")
    [row] = written.agg(
        F.count("*").alias("rows"),
        F.count_if(flag).alias("out_of_vocabulary"),
        F.count_if(flag.isNull()).alias("null"),
    ).collect()
    return row.asDict()
