"""wish-tf spark-train: a corpus too large for one machine, counted on Apache Spark."""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from wish_tf.cli.common import Subparsers, print_json, start_tensorflow
from wish_tf.cli.numbers import whole
from wish_tf.cli.recipe import read_recipe
from wish_tf.cli.spark import (
    SparkInput,
    add_spark_options,
    field_column,
    spark_session,
)
from wish_tf.cli.train import add_training_options, print_scores, term_settings
from wish_tf.errors import InputError
from wish_tf.files import check_outputs, replacing

COUNTS, SAMPLE = "counts.parquet", "sample.parquet"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "spark-train",
        help="train a hasher on files, on Apache Spark",
        description="Counts the terms of all texts on Spark, draws a sample, and "
        "trains on that here: vocabulary and idf are those of all texts. OUT gets the "
        "run as wish-tf train leaves it, the folder OUT-spark the counts and the "
        "sample, of which 80 % are trained on and the rest is for measuring. IN is "
        "files that every executor sees, or the URI of a store that Spark knows.",
    )
    add_spark_options(parser)
    add_training_options(parser)
    parser.add_argument(
        "--label-field", metavar="NAME", help="column of labels, to measure by"
    )
    parser.add_argument(
        "--sample",
        type=whole(10),
        default=125_000,
        metavar="N",
        help="texts of the sample (default: 125000, of which the default recipe takes "
        "100000)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    source = SparkInput(args)
    drawn = Path(f"{args.out}-spark")
    read = [args.input, args.stop_words, args.recipe]
    check_outputs([args.out, drawn], read, folders=True)
    if not args.force and (drawn.exists() or Path(args.out).exists()):
        raise InputError(
            f"expected a new run and a new folder {drawn}; got one that is there: give "
            "--force to replace them"
        )
    if drawn.exists() and not (drawn / COUNTS).is_file():
        raise InputError(
            f"expected a new folder or one of an earlier run; got {drawn}, which holds "
            "something else"
        )
    start_tensorflow()
    import pyarrow.parquet as pq

    from wish_tf.cli.progress import ProgressBar
    from wish_tf.corpora import Fields
    from wish_tf.integrations.spark import count_terms, sample_texts
    from wish_tf.runs import RunFolder, TrainConfig, train_run
    from wish_tf.training import FitOptions

    recipe, terms = read_recipe(args), term_settings(args)
    with spark_session(args.master) as spark, replacing(drawn) as temporary:
        temporary.mkdir()
        df, text = source.with_text(source.read(spark))
        fields = {"text": text, "labels": args.label_field, "id": args.id_field}
        df = df.select(
            [
                field_column(df, field).alias(name)
                for name, field in fields.items()
                if field
            ]
        )
        counts = count_terms(df, asdict(terms))
        sample = sample_texts(df, "text", args.sample, args.seed)
        counts.save(temporary / COUNTS)
        pq.write_table(sample.toArrow(), temporary / SAMPLE)
        shutil.rmtree(drawn, ignore_errors=True)
    print(
        f"{counts.texts:,} texts counted, {len(counts.terms):,} terms: {drawn}",
        file=sys.stderr,
    )
    config = TrainConfig(
        corpus=str(drawn / SAMPLE),
        bits=args.bits,
        recipe=recipe.to_json(),
        seed=args.seed,
        fields=Fields(label="labels" if args.label_field else None),
        terms=terms,
        counts=str(drawn / COUNTS),
    )
    folder = RunFolder(args.out)
    metrics = train_run(
        folder,
        config,
        force=args.force,
        options=FitOptions(callbacks=[ProgressBar()]),
    )
    assert metrics is not None
    if args.json:
        print_json({**metrics, "texts": counts.texts})
        return
    print(f"trained in {metrics['train_seconds']:.0f} s: {folder.model_path}")
    print_scores(metrics["test"])
