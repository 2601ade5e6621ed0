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

SAMPLE = 4000


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "suggest-bits",
        help="measure how many bits a corpus needs",
        description="Trains a hasher of each of several lengths on a sample and "
        "measures Prec@100 on documents it has not seen: by labels, or without any "
        "by the nearest documents of tf-idf. Suggests the shortest length whose "
        "score is within one standard error of the best. Takes about as long as so "
        "many trainings.",
    )
    add_corpus_options(parser)
    parser.add_argument(
        "--bits",
        type=int,
        nargs="+",
        metavar="N",
        help="lengths to try (default: 4 6 8 10 12)",
    )
    parser.add_argument("--seed", type=int, default=0)
    add_json_option(parser)
    parser.set_defaults(run=run, limit=SAMPLE)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.sizing import LENGTHS, bits_curve, suggested

    corpus = read_corpus(args.corpus, args)
    measure = "tf-idf neighbours" if corpus.labels is None else "labels"
    if not args.json:
        print(f"Prec@100 by {measure}, {len(corpus)} documents")
        print("bits  score  std.err.  codes  share of a bucket  seconds")
    curve = []
    for point in bits_curve(corpus, args.bits or LENGTHS, seed=args.seed):
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
