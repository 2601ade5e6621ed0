"""wish-tf topics: the words of each bit."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.cli.numbers import whole
from wish_tf.cli.printable import printable


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "topics",
        help="print the words of each bit",
        description="Prints what each bit stands for: for what share of the training "
        "texts it is on, how well its words tell it (the area under the ROC curve), "
        "its name and its words, strongest first.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument("--words", type=whole(1), default=10, metavar="N")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.runs import RunFolder

    hasher = RunFolder(args.run_folder).hasher()
    topics = hasher.topics()
    if args.json:
        print_json(
            [
                {
                    "bit": bit,
                    **topic.to_json(),
                    "words": topic.words[: args.words],
                    "tells": topic.tells[: args.words],
                }
                for bit, topic in enumerate(topics)
            ]
        )
        return
    for bit, topic in enumerate(topics):
        words = " ".join(topic.words[: args.words])
        print(
            f"bit {bit:2}  on {topic.share:4.0%}  AUC {topic.fidelity:.2f}  "
            f"{printable(topic.name)}: {printable(words)}"
        )
    rest = hasher.bits - len(topics)
    if rest:
        print(f"The other {rest} bits refine these topics; no words name them.")
