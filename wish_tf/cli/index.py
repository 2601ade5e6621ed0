"""wish-tf index: a corpus to an index that can be searched."""

from __future__ import annotations

import argparse
from pathlib import Path

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    open_documents,
    print_json,
    say_ids,
    start_tensorflow,
)
from wish_tf.cli.numbers import positive, whole
from wish_tf.errors import InputError
from wish_tf.files import check_outputs, scratch_folder


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "index",
        help="hash a corpus into an index",
        description="Hashes every document of a corpus and writes one index file of "
        "codes, words and texts.",
    )
    parser.add_argument("model", metavar="MODEL", help="e.g. saved_models/NAME")
    add_corpus_options(parser, labels=False)
    parser.add_argument(
        "--bits",
        type=whole(1),
        metavar="N",
        help="keep the first N bits of a longer code (8 or more)",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="e.g. NAME.index")
    parser.add_argument(
        "--bit-weight",
        type=positive,
        metavar="W",
        help="what a bit that differs costs in the ranking, if the best score by words "
        "is 1 (default: found from the corpus)",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    source = open_documents(args)
    check_outputs([args.out], [source.source, *source.paths, args.model])
    start_tensorflow()
    import numpy as np

    from wish_tf.index import HammingIndex
    from wish_tf.index.bit_weight import weigh_bits
    from wish_tf.index.document_index import DocumentIndex
    from wish_tf.index.string_spool import StringSpool
    from wish_tf.index.word_spool import WordSpool
    from wish_tf.saved_model import SavedHasher

    hasher = SavedHasher(args.model)
    if args.bits is not None:
        hasher = hasher.cut(args.bits)
    index = HammingIndex(hasher.bits)
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with (
        scratch_folder(Path(args.out).parent) as folder,
        StringSpool(folder / "names") as names,
        StringSpool(folder / "texts") as texts,
        WordSpool(folder / "words") as words,
    ):
        for batch in source.batches(limit=args.limit):
            given = [text or "" for text in batch.texts]
            hashed = hasher.hash(given)
            known = np.flatnonzero(~hashed.out_of_vocabulary)
            index.add(hashed.bits[known], ids=count + known)
            names.add(map(str, batch.ids))
            texts.add(given)
            words.add(given)
            count += len(given)
        if not count:
            raise InputError(
                f"expected at least one document; got none in {args.corpus!r}"
            )
        documents = DocumentIndex.of(
            index,
            names.table(),
            texts.table(),
            words.table(),
            hasher.path.resolve(),
        )
        if args.bit_weight is None:
            weigh_bits(documents, hasher.hash)
        else:
            documents.bit_weight = args.bit_weight
        documents.save(args.out)
    say_ids(source.id_field)
    if args.json:
        print_json(
            {
                "documents": count,
                "out_of_vocabulary": documents.skipped,
                "bit_weight": documents.bit_weight,
                "request_share": documents.request_share,
            }
        )
        return
    without = f", {documents.skipped} without a code" if documents.skipped else ""
    weight = f"a bit weighs {documents.bit_weight:.3g}"
    if documents.request_share < 1:
        weight += f", in short queries {documents.request_share:.2g} of it"
    print(f"{args.out}: {count} documents{without}; {weight}")
