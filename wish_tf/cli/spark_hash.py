"""wish-tf spark-hash: files to Parquet with codes, on Apache Spark."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.cli.spark import (
    TEXT,
    SparkInput,
    add_spark_options,
    field_column,
    pattern_of,
    spark_session,
    uri_of,
)
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "spark-hash",
        help="hash files on Apache Spark",
        description="Adds the columns code and out_of_vocabulary to those of IN, or to "
        "the ids alone with --id-field, and writes a folder of Parquet, partitioned by "
        "the first bits of the code. IN and OUT are files that every executor sees, or "
        "the URI of a store that Spark knows, such as hdfs://HOST/PATH.",
    )
    parser.add_argument("model", metavar="MODEL", help="e.g. saved_models/NAME")
    add_spark_options(parser)
    parser.add_argument("output", metavar="OUT", help="a folder that is not there yet")
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
    source = SparkInput(args)
    local_output = "://" not in args.output
    if local_output and Path(args.output).exists():
        raise InputError(
            f"expected a new folder to write; got {args.output!r}, which is there"
        )
    start_tensorflow()
    from wish_tf.files import replacing
    from wish_tf.integrations.spark import hash_dataframe, write_codes

    writing = replacing(args.output) if local_output else nullcontext(args.output)
    with spark_session(args.master) as spark, writing as output:
        df, text = source.with_text(source.read(spark))
        if args.id_field is not None:
            ids, texts = (field_column(df, name) for name in (args.id_field, text))
            df, text = df.select(ids.alias("id"), texts.alias(TEXT)), TEXT
        hashed = hash_dataframe(df, args.model, text, probabilities=args.probabilities)
        write_codes(hashed.drop(TEXT), uri_of(output), args.prefix_bits)
        counts = _counts(spark.read.parquet(pattern_of(output)))
    if args.json:
        print_json({"path": args.output, **counts})
        return
    print(
        f"{counts['rows']:,} rows in {args.output}, {counts['out_of_vocabulary']:,} "
        f"without a known word, {counts['null']:,} without a text"
    )


def _counts(written: DataFrame) -> dict[str, int]:
    from pyspark.sql import functions as F

    flag = F.col("out_of_vocabulary")
    [row] = written.agg(
        F.count("*").alias("rows"),
        F.count_if(flag).alias("out_of_vocabulary"),
        F.count_if(flag.isNull()).alias("null"),
    ).collect()
    return row.asDict()
