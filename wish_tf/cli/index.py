"""wish-tf index: a corpus to an index that can be searched."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    print_json,
    read_corpus,
    start_tensorflow,
)


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "index",
        help="hash a corpus into an index",
        description="Hashes every document of a corpus and writes one index file.",
    )
    parser.add_argument("model", metavar="MODEL", help="e.g. saved_models/NAME")
    add_corpus_options(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="e.g. NAME.index")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.export import SavedHasher
    from wish_tf.index.document_index import DocumentIndex

    hasher = SavedHasher(args.model)
    corpus = read_corpus(args.corpus, args)
    codes = hasher.hash(corpus.texts)
    index = DocumentIndex(codes, corpus.ids, corpus.texts, hasher.path.resolve())
    index.save(args.out)
    if args.json:
        print_json({"documents": len(index.index), "out_of_vocabulary": index.skipped})
        return
    left_out = (
        f", {index.skipped} without a known word left out" if index.skipped else ""
    )
    print(f"{args.out}: {len(index.index)} documents{left_out}")
