"""wish-tf suggest-bits: how many bits a corpus needs."""

from __future__ import annotations

import argparse
import dataclasses

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    print_json,
    read_corpus,
    start_tensorflow,
)
from wish_tf.cli.numbers import LARGEST_SEED, whole

SAMPLE = 4000


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "suggest-bits",
        help="measure how many bits a corpus needs",
        description="Trains a hasher of each of several lengths on a sample and "
        "measures it on documents it has not seen: by Prec@100 or, without labels, by "
        "how many of the ten nearest by tf-idf are among the first hundred by code. "
        "Suggests the shortest length whose score is within one standard error of the "
        "best. Takes about as long as so many trainings.",
    )
    add_corpus_options(parser, labels=True)
    parser.add_argument(
        "--bits",
        type=int,
        nargs="+",
        metavar="N",
        help="lengths to try (default: 4 6 8 10 12)",
    )
    parser.add_argument(
        "--measure",
        metavar="NAME",
        help="go by another measure of `wish-tf evaluate --json`, of which more is "
        "better: mean_average_precision, neighbour_recall_at_1000, readability",
    )
    parser.add_argument("--seed", type=whole(0, LARGEST_SEED), default=0)
    add_json_option(parser)
    parser.set_defaults(run=run, limit=SAMPLE)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.metrics.yardstick import MEASURES
    from wish_tf.sizing import LENGTHS, BitsPoint, bits_curve, suggested
    from wish_tf.sizing.bits_curve import usual_measure

    corpus = read_corpus(args.corpus, args, unique_ids=False)
    measure = args.measure or usual_measure(corpus)
    curve: list[BitsPoint] = []
    for point in bits_curve(
        corpus, args.bits or LENGTHS, measure=measure, seed=args.seed
    ):
        if not args.json and not curve:
            print(f"{MEASURES[measure]}, {len(corpus)} documents")
            print("bits  score  std.err.  codes  share of a bucket  seconds")
        curve.append(point)
        if not args.json:
            print(
                f"{point.bits:4}  {point.score:.3f}  {point.standard_error:8.3f}  "
                f"{point.distinct_codes:5}  {point.bucket_share:17.2%}  "
                f"{point.train_seconds:7.0f}",
                flush=True,
            )
    chosen = suggested(curve)
    if args.json:
        print_json(
            {
                "measure": measure,
                "documents": len(corpus),
                "suggested": chosen.bits,
                "curve": [dataclasses.asdict(point) for point in curve],
            }
        )
        return
    print(
        f"suggested: {chosen.bits} bits, the fewest within one standard error of the "
        "best"
    )
