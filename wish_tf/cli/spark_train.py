"""wish-tf spark-train: a corpus too large for one machine, counted on Apache Spark."""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.cli.numbers import LARGEST_SEED, whole
from wish_tf.cli.recipe import add_set_option, read_recipe
from wish_tf.cli.spark import add_spark_options, check_spark, spark_session, uri_of
from wish_tf.cli.train import add_term_options, print_scores, term_settings
from wish_tf.errors import InputError
from wish_tf.files import check_outputs, replacing

COUNTS, SAMPLE = "counts.parquet", "sample.parquet"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "spark-train",
        help="train a hasher on a Parquet file, on Apache Spark",
        description="Counts the terms of all texts on Spark, draws a sample, and "
        "trains on that here: vocabulary and idf are those of all texts. OUT gets the "
        "run as wish-tf train leaves it, the folder OUT-spark the counts and the "
        "sample, of which 80 % are trained on and the rest is for measuring. IN is a "
        "file that every executor sees, or the URI of a store that Spark knows.",
    )
    parser.add_argument("input", metavar="IN", help="e.g. docs.parquet")
    parser.add_argument("--bits", type=int, default=8, help="1-64 (default: 8)")
    parser.add_argument("--out", required=True, metavar="OUT", help="e.g. runs/NAME")
    add_spark_options(parser)
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
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--preset", default="default", metavar="NAME", help="the recipe")
    how.add_argument(
        "--recipe", metavar="FILE", help="a recipe as wish-tf recipe prints it"
    )
    add_set_option(parser)
    parser.add_argument("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="N")
    add_term_options(parser)
    parser.add_argument("--force", action="store_true", help="replace an earlier run")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    check_spark(args.input)
    drawn = Path(f"{args.out}-spark")
    local = [args.input] if "://" not in args.input else []
    read = [*local, args.stop_words, args.recipe]
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
    from pyspark.errors import AnalysisException

    from wish_tf.cli.progress import ProgressBar
    from wish_tf.corpora import Fields
    from wish_tf.runs import RunFolder, TrainConfig, train_run
    from wish_tf.spark import count_terms, sample_texts
    from wish_tf.training import FitOptions

    recipe, terms = read_recipe(args), term_settings(args)
    columns = [args.text_field, *filter(None, [args.label_field])]
    with spark_session(args.master) as spark, replacing(drawn) as temporary:
        temporary.mkdir()
        try:
            df = spark.read.parquet(uri_of(args.input)).select(*columns)
            counts = count_terms(df, asdict(terms), args.text_field)
            sample = sample_texts(df, args.text_field, args.sample, args.seed)
            counts.save(temporary / COUNTS)
            pq.write_table(sample.toArrow(), temporary / SAMPLE)
        except AnalysisException as error:
            raise InputError(
                f"expected {args.input} with the columns {', '.join(columns)}; got "
                f"from Spark: {str(error).splitlines()[0]}"
            ) from error
        shutil.rmtree(drawn, ignore_errors=True)
    print(
        f"{counts.texts:,} texts counted, {len(counts.terms):,} terms: {drawn}",
        file=sys.stderr,
    )
    fields = Fields(text=args.text_field)
    if args.label_field:
        fields = replace(fields, label=args.label_field)
    config = TrainConfig(
        corpus=str(drawn / SAMPLE),
        bits=args.bits,
        recipe=recipe.to_json(),
        seed=args.seed,
        fields=fields,
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
