"""wish-tf export: a run to a SavedModel version."""

from __future__ import annotations

import argparse
from pathlib import Path

from wish_tf.cli.common import (
    Subparsers,
    add_json_option,
    add_reading_options,
    print_json,
    read_corpus,
    start_tensorflow,
)
from wish_tf.cli.numbers import whole
from wish_tf.errors import InputError
from wish_tf.files import check_outputs


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "export",
        help="write a SavedModel that TF-Serving loads",
        description="Writes the hasher of a run as the next version of a SavedModel, "
        "with warm-up requests and a model card. With --search it also answers which "
        "documents of a corpus are nearest to a text.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument("base_path", metavar="DIR", help="e.g. saved_models/NAME")
    parser.add_argument(
        "--search",
        metavar="CORPUS",
        help="add the signature 'search' for these documents, a file or a built-in "
        "name (see wish-tf index --help); codes and ids go in, no texts",
    )
    parser.add_argument(
        "--largest-k",
        type=whole(1, 1000),
        metavar="K",
        help="with --search: how many documents a text can ask for (default: 10); "
        "every answer is as long, filled up with empty ids",
    )
    parser.add_argument(
        "--bits",
        type=whole(1),
        metavar="N",
        help="export the first N bits of a longer code (8 or more)",
    )
    add_reading_options(parser)
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    reading = {"--largest-k": args.largest_k, "--limit": args.limit}
    given = [name for name, value in reading.items() if value is not None]
    if args.search is None and given:
        raise InputError(f"expected --search with {given[0]}; got {given[0]} alone")
    # A version is a new folder there, whatever else there is.
    version = Path(args.base_path) / "version"
    check_outputs([version], [args.run_folder, args.search], folders=True)
    start_tensorflow()
    from wish_tf.runs import RunFolder
    from wish_tf.saved_model import export_hasher
    from wish_tf.saved_model.search_documents import LARGEST_K

    folder = RunFolder(args.run_folder)
    hasher = folder.hasher()
    model = (hasher if args.bits is None else hasher.cut(args.bits)).model_
    documents = None
    if args.search is not None:
        documents = read_corpus(args.search, args)
    largest_k = args.largest_k or LARGEST_K
    path = export_hasher(model, args.base_path, folder, documents, largest_k)
    if args.json:
        print_json({"path": str(path), "version": int(path.name)})
    else:
        print(path)
