"""wish-tf evaluate: how good the codes of a run are on its test documents."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a trained hasher on its test documents",
        description="Looks each test document up among the training documents: "
        "tie-aware Prec@k and MAP by labels, how many of the ten nearest by tf-idf are "
        "found, how the codes are used, and whether words name the first eight bits.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument(
        "--topic-models",
        action="store_true",
        help="also train LDA and NMF with as many topics, and measure these: by their "
        "own words, and by those that tell them best, as of bits",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.cli.train import print_scores
    from wish_tf.metrics.topic_models import topic_models
    from wish_tf.runs import RunFolder, TrainConfig, evaluate
    from wish_tf.runs.evaluate import yardstick
    from wish_tf.text_hasher import TextHasher

    folder = RunFolder(args.run_folder)
    config = TrainConfig.from_json(folder.check_finished())
    hasher = TextHasher.load(folder.model_path)
    splits = config.load_splits()
    [result] = evaluate(hasher, splits.train, splits.test)
    others = {}
    if args.topic_models:
        others = topic_models(
            yardstick(hasher, splits.train, splits.test),
            hasher.bits,
            result["share_on"],
            config.seed,
        )
    if args.json:
        print_json({**result, "topic_models": others} if others else result)
        return
    print_scores(result)
    _print_table({"bits": result, **others})


def _print_table(columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Prints a line a measure, and a column for each of those measured."""
    from wish_tf.metrics.yardstick import MEASURES

    def cell(value: float | None) -> str:
        if value is None:
            return ""
        return str(value) if isinstance(value, int) else f"{value:.3f}"

    print("".join([" " * 34, *(f"{name:>11}" for name in columns)]))
    for name, title in MEASURES.items():
        cells = [cell(column.get(name)) for column in columns.values()]
        print(f"{title:34}" + "".join(f"{text:>11}" for text in cells).rstrip())
