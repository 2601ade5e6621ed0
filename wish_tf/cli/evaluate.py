"""wish-tf evaluate: how good the codes of a run are on its test documents."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a trained hasher on its test documents",
        description="Looks each test document up among the training documents: "
        "tie-aware Prec@100, and how the codes are used.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.cli.train import print_scores
    from wish_tf.runs import RunFolder, TrainConfig, evaluate
    from wish_tf.text_hasher import TextHasher

    folder = RunFolder(args.run_folder)
    config = TrainConfig.from_json(folder.check_finished())
    hasher = TextHasher.load(folder.model_path)
    splits = config.load_splits()
    result = evaluate(hasher, splits.train, splits.test)
    if args.json:
        print_json(result)
    else:
        print_scores(result)
