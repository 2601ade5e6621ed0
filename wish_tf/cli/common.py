"""What several commands share."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from wish_tf.cli.numbers import whole

if TYPE_CHECKING:
    from wish_tf.corpora import Corpus, Documents, Fields

# What `add_parser` of a command is given; argparse has no public name for it.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Result = TypeVar("Result")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_corpus_options(parser: argparse.ArgumentParser, *, labels: bool) -> None:
    """Adds CORPUS and the options that say how it is read.

    Args:
        parser: of a command.
        labels: whether the command reads labels.
    """
    parser.add_argument(
        "corpus",
        metavar="CORPUS",
        help="python-docs, python-docs-labelled, 20newsgroups, reuters, agnews, tmc, "
        "or files: .txt (a document a line), .jsonl, .csv, .tsv (all also .gz, .zst), "
        ".parquet; a folder, a pattern, or - for standard input",
    )
    add_reading_options(parser)
    if labels:
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
        "--limit",
        type=whole(1),
        metavar="N",
        help="take a random sample of N documents",
    )
    add_field_options(parser)


def add_field_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say where the parts of a document are."""
    group = parser.add_argument_group("files")
    group.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="field or column of the text; meta.body is a field within another, "
        "title,body are two that are joined (default: text)",
    )
    group.add_argument(
        "--id-field",
        metavar="NAME",
        help="field or column of the ids (default: id, if there, or else numbers)",
    )
    group.add_argument(
        "--delimiter", metavar="C", help="between the cells of a .csv or .tsv file"
    )
    group.add_argument(
        "--input-format",
        metavar="F",
        help="txt, jsonl, csv, tsv or parquet (default: by the name; of - txt)",
    )


def reading_fields(args: argparse.Namespace) -> Fields:
    """Returns what the options say of the fields of a file."""
    from wish_tf.corpora import Fields

    return Fields(
        text=args.text_field,
        id=args.id_field,
        label=getattr(args, "label_field", None),
        # No shell has a plain way to write a tab.
        delimiter="\t" if args.delimiter == "\\t" else args.delimiter,
        kind=args.input_format,
    )


def read_corpus(
    name: str, args: argparse.Namespace, *, unique_ids: bool = True
) -> Corpus:
    """Reads a corpus as the options of a command say.

    Args:
        name: of the corpus, or its file.
        args: with what `add_reading_options` or `add_corpus_options` added.
        unique_ids: as `load_corpus` takes it.
    """
    from wish_tf.corpora import load_corpus

    return load_corpus(
        name,
        data_dir=args.data_dir,
        limit=args.limit,
        fields=reading_fields(args),
        unique_ids=unique_ids,
    )


def open_documents(args: argparse.Namespace) -> Documents | Corpus:
    """Returns the documents of CORPUS, to be read a few at a time.

    Args:
        args: with what `add_corpus_options` added.
    """
    from wish_tf.corpora.load import open_documents

    return open_documents(args.corpus, reading_fields(args), args.data_dir)


def say_ids(field: str | None) -> None:
    """Tells what was taken as the ids of documents."""
    what = "numbers from 1 (no --id-field)" if field is None else f"the field {field!r}"
    print(f"wish-tf: ids: {what}", file=sys.stderr)


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
