"""wish-tf hash: lines of text to codes."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wish_tf.cli.common import Subparsers
from wish_tf.cli.hash_to_parquet import (
    add_parquet_options,
    check_parquet_options,
    hash_to_parquet,
)
from wish_tf.cli.open_hasher import add_hasher_options, open_hasher
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.export import SavedHasher
    from wish_tf.hashed_texts import HashedTexts
    from wish_tf.serving import Client

BATCH = 1024
FORMATS = ("bits", "hex", "int", "jsonl")
UNKNOWN = "out_of_vocabulary"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "hash",
        help="print the code of each line of text",
        description="Prints one code for each line of UTF-8 text. A line without a "
        f"known word gives the word {UNKNOWN} instead of a code; in jsonl it has "
        "a field of that name.",
    )
    add_hasher_options(parser)
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="- (default) is stdin"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="bits",
        help="bits: 01101000, bit 0 first; hex: the packed bytes; int: bit 0 is "
        "the most significant; jsonl: all of these and probabilities",
    )
    add_parquet_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    check_parquet_options(args)
    in_parquet = args.out is not None and args.file.endswith(".parquet")
    lines = None if in_parquet else _lines(args.file)
    from wish_tf.serving import ServerError

    try:
        with open_hasher(args.model, args.token_file) as hasher:
            if lines is None or args.out is not None:
                unknown = hash_to_parquet(hasher, args, lines)
            else:
                unknown = _print_codes(hasher, lines, args.format)
    except ServerError as error:
        raise InputError(str(error)) from error
    if unknown:
        kind = "texts" if in_parquet else "lines"
        print(f"wish-tf: {unknown} {kind} hold no known word", file=sys.stderr)


def _print_codes(hasher: SavedHasher | Client, lines: Iterator[str], form: str) -> int:
    """Prints a line for each text; returns how many held no known word."""
    unknown = 0
    while batch := list(itertools.islice(lines, BATCH)):
        hashed = hasher.hash(batch)
        unknown += int(hashed.out_of_vocabulary.sum())
        for line in _formatted(hashed, form):
            print(line)
    return unknown


def _lines(name: str) -> Iterator[str]:
    """Yields the lines of a file without their ends; opens it at once."""
    try:
        file = sys.stdin.buffer if name == "-" else open(name, "rb")
    except FileNotFoundError:
        raise InputError(f"expected a text file; there is no {name!r}") from None

    def read() -> Iterator[str]:
        with file:
            for number, line in enumerate(file, start=1):
                try:
                    yield line.decode("utf-8").rstrip("\r\n")
                except UnicodeDecodeError as error:
                    raise InputError(
                        f"expected UTF-8 text; line {number} of {name!r} is not:"
                        f" {error}"
                    ) from None

    return read()


def _formatted(hashed: HashedTexts, form: str) -> Iterator[str]:
    from wish_tf.codes import codes_to_int

    bits = hashed.bits
    codes = {
        "bits": ["".join(map(str, row)) for row in bits.tolist()],
        "hex": [row.tobytes().hex() for row in hashed.packed],
        "int": [str(code) for code in codes_to_int(bits).tolist()],
    }
    flags = hashed.out_of_vocabulary.tolist()
    if form != "jsonl":
        for code, flag in zip(codes[form], flags, strict=True):
            yield UNKNOWN if flag else code
        return
    for i, flag in enumerate(flags):
        yield json.dumps(
            {
                "bits": codes["bits"][i],
                "hex": codes["hex"][i],
                "int": int(codes["int"][i]),
                "probabilities": [
                    round(p, 6) for p in hashed.probabilities[i].tolist()
                ],
                UNKNOWN: flag,
            }
        )
