"""What several commands share."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

if TYPE_CHECKING:
    from wish_tf.corpora import Corpus

# What `add_parser` of a command is given; argparse has no public name for it.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Result = TypeVar("Result")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_corpus_options(parser: argparse.ArgumentParser) -> None:
    """Adds CORPUS and the options that say how it is read."""
    parser.add_argument(
        "corpus",
        metavar="CORPUS",
        help="python-docs, 20newsgroups, reuters, agnews, tmc, or a file: .txt "
        "(a document a line), .jsonl, .jsonl.gz, .csv",
    )
    add_reading_options(parser)
    parser.add_argument(
        "--label-field",
        metavar="NAME",
        help="field or column of the labels (default: labels or label, if there)",
    )


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how a corpus is read, but for its labels."""
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help="folder of the built-in corpora's files (default: $WISH_TF_DATA)",
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="take a random sample of N documents"
    )
    parser.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="field or column of the text (default: text)",
    )


def read_corpus(name: str, args: argparse.Namespace) -> Corpus:
    """Reads a corpus as the options of a command say.

    Args:
        name: of the corpus, or its file.
        args: with what `add_reading_options` or `add_corpus_options` added.
    """
    from wish_tf.corpora import load_corpus

    return load_corpus(
        name,
        data_dir=args.data_dir,
        limit=args.limit,
        text_field=args.text_field,
        label_field=getattr(args, "label_field", None),
    )


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


@overload
def start_tensorflow() -> None: ...


@overload
def start_tensorflow(prepare: Callable[[], Result]) -> Result: ...


def start_tensorflow(prepare: Callable[[], Any] = lambda: None) -> Any:
    """Imports TensorFlow without the lines it writes while it starts.

    Args:
        prepare: called before the first operation, while the devices can still
            be chosen.

    Returns:
        What `prepare` returned.

    The lines come from C++ before any log level holds, so the file descriptor
    itself is turned away for that moment.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401  (starts TensorFlow in its own way)
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        prepared = prepare()
        # The first operation starts the devices, which talk too.
        tf.constant(0)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
    return prepared
