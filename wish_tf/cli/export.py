"""wish-tf export: a run to a SavedModel version."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import (
    Subparsers,
    add_json_option,
    add_reading_options,
    print_json,
    read_corpus,
    start_tensorflow,
)


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
    add_reading_options(parser)
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.export import export_hasher
    from wish_tf.runs import RunFolder
    from wish_tf.text_hasher import TextHasher

    folder = RunFolder(args.run_folder)
    folder.check_finished()
    model = TextHasher.load(folder.model_path).model
    documents = None
    if args.search is not None:
        documents = read_corpus(args.search, args)
    path = export_hasher(model, args.base_path, folder, documents)
    if args.json:
        print_json({"path": str(path), "version": int(path.name)})
    else:
        print(path)
