"""wish-tf explain: which words of a text moved which bit."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, add_json_option, print_json
from wish_tf.cli.numbers import whole
from wish_tf.cli.open_hasher import add_hasher_options, open_hasher
from wish_tf.errors import InputError


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "explain",
        help="print which words of a text moved which bit",
        description="Prints, for each bit, its probability and the words that moved "
        "it most: by how much its log-odds fall when the word is left out. A word "
        "with a star decides: without it the bit would be the other one.",
    )
    add_hasher_options(parser)
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument(
        "--words",
        type=whole(1),
        default=5,
        metavar="N",
        help="of each bit (default: 5)",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from wish_tf.client import ServerError
    from wish_tf.explain import explain

    try:
        with open_hasher(args.model, args.token_file) as hasher:
            explanation = explain(hasher.hash, args.text)
    except ServerError as error:
        raise InputError(str(error)) from error
    if args.json:
        print_json(
            {
                "words": explanation.words,
                "effects": explanation.effects.tolist(),
                "bits": explanation.bits.tolist(),
                "probabilities": explanation.probabilities.tolist(),
                "unknown": explanation.unknown,
            }
        )
        return
    for bit, probability in enumerate(explanation.probabilities.tolist()):
        decisive = dict(
            zip(explanation.words, explanation.decisive[:, bit], strict=True)
        )
        words = (
            f"{word}{'*' if decisive[word] else ''} {effect:+.2f}"
            for word, effect in explanation.strongest(bit, args.words)
        )
        print(
            f"bit {bit:2}  {explanation.bits[bit]}  {probability:.3f}  "
            f"{'  '.join(words)}"
        )
    if explanation.unknown:
        print(f"not seen by the model: {' '.join(explanation.unknown)}")
