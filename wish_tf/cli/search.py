"""wish-tf search: the documents nearest to a query."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.errors import InputError

SHOWN = 72


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "search",
        help="find the documents nearest to a text",
        description="Prints the documents whose codes are nearest to the query's, "
        "nearest first and of equal distance in the order of the corpus.",
    )
    parser.add_argument("index", metavar="INDEX", help="e.g. NAME.index")
    parser.add_argument("query", metavar="TEXT")
    parser.add_argument("-k", type=int, default=10, help="how many (default: 10)")
    parser.add_argument(
        "--radius", type=int, metavar="R", help="only those at most R bits away"
    )
    parser.add_argument(
        "--rerank",
        choices=["probabilities"],
        help="rank the nearest documents, those level with the last included, by "
        "how many bits are expected to differ",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.export import SavedHasher
    from wish_tf.index.document_index import DocumentIndex

    documents = DocumentIndex.load(args.index)
    hashed = SavedHasher(documents.model).hash([args.query])
    if hashed.out_of_vocabulary[0]:
        raise InputError(
            f"expected a query with a word the model knows; got {args.query!r}"
        )
    probabilities = hashed.probabilities if args.rerank else None
    found = documents.index.search(hashed.bits, args.k, probabilities=probabilities)
    hits = []
    for place, number in enumerate(found.ids[0].tolist()):
        distance = int(found.distances[0, place])
        if number < 0 or (args.radius is not None and distance > args.radius):
            continue
        hit = {"id": documents.names[number], "distance": distance}
        if found.scores is not None:
            hit["score"] = round(float(found.scores[0, place]), 4)
        hits.append(hit | {"text": documents.texts[number]})
    code = "".join(map(str, hashed.bits[0].tolist()))
    if args.json:
        print_json({"query": args.query, "bits": code, "results": hits})
        return
    print(f"{code}  {args.query}")
    for hit in hits:
        line = " ".join(hit["text"].split())
        if len(line) > SHOWN:
            line = line[: SHOWN - 3] + "..."
        score = f"  {hit['score']:.2f}" if "score" in hit else ""
        print(f"{hit['distance']:4}{score}  {hit['id']}  {line}")
