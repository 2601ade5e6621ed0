"""wish-tf topics: the words of each bit."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.cli.numbers import whole
from wish_tf.cli.printable import printable

if TYPE_CHECKING:
    from wish_tf.naming import Bucket


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "topics",
        help="print the words of each bit",
        description="Prints what each bit stands for: for what share of the training "
        "texts it is on, how well its words tell it (the area under the ROC curve), "
        "its name and its words, strongest first. Below it, the largest buckets with "
        "the bit: texts with one code of all these bits, in parts of the training "
        "texts, the other topics, and the words that set it apart from the buckets "
        "nearest to it. Then texts that are most about the bit.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument("--words", type=whole(1), default=10, metavar="N")
    parser.add_argument("--buckets", type=whole(0), default=3, metavar="N")
    parser.add_argument("--texts", type=whole(0, 2), default=2, metavar="N")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.runs import RunFolder

    folder = RunFolder(args.run_folder)
    hasher = folder.hasher()
    topics, names = hasher.topics(), hasher.names_
    typical = folder.typical_texts()

    def buckets_of(bit: int) -> list[Bucket]:
        found = [each for each in hasher.buckets() if each.code[bit : bit + 1] == "1"]
        return found[: args.buckets]

    if args.json:
        print_json(
            [
                {
                    "bit": bit,
                    **topic.to_json(),
                    "words": topic.words[: args.words],
                    "tells": topic.tells[: args.words],
                    "buckets": [each.to_json() for each in buckets_of(bit)],
                    "typical_texts": typical[bit][: args.texts],
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
        for bucket in buckets_of(bit):
            others = [
                names[other]
                for other, on in enumerate(bucket.code)
                if on == "1" and other != bit
            ]
            beside = f"with {' + '.join(others)}" if others else "alone"
            own = f": {' '.join(bucket.words)}" if bucket.words else ""
            print(f"  {bucket.share:7.1%}  {printable(beside + own)}")
        for text in typical[bit][: args.texts]:
            print(f"           “{printable(text['text'])}”")
    rest = hasher.bits - len(topics)
    if rest:
        print(f"The other {rest} bits refine these topics; no words name them.")
