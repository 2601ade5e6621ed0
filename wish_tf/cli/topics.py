"""wish-tf topics: the words of each bit."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "topics",
        help="print the words of each bit",
        description="Prints the words that each bit stands for, strongest first.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument("--words", type=int, default=10, metavar="N")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.runs import RunFolder
    from wish_tf.text_hasher import TextHasher

    folder = RunFolder(args.run_folder)
    folder.check_finished()
    topics = TextHasher.load(folder.model_path).topics(args.words)
    if args.json:
        print_json(
            [
                {
                    "bit": bit,
                    "words": [word for word, _ in words],
                    "weights": [weight for _, weight in words],
                }
                for bit, words in enumerate(topics)
            ]
        )
        return
    for bit, words in enumerate(topics):
        print(f"bit {bit:2}  {' '.join(word for word, _ in words)}")
