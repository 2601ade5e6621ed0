"""wish-tf search: the documents that suit a query."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.cli.numbers import positive, whole
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.index.document_index import DocumentIndex

SHOWN = 72


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "search",
        help="find the documents that suit a text",
        description="Ranks documents by the words that they share with the query "
        "(BM25), less what each bit costs in which their codes differ. Words need not "
        "be known to the model.",
    )
    parser.add_argument("index", metavar="INDEX", help="e.g. NAME.index")
    parser.add_argument("query", metavar="TEXT")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="the model that made INDEX, if it has moved (default: where it was, seen "
        "from INDEX)",
    )
    parser.add_argument("-k", type=whole(1), default=10, help="how many (default: 10)")
    parser.add_argument(
        "--rank",
        choices=["words", "codes"],
        default="words",
        help="by words and codes (the default), or by codes alone: nearest first, of "
        "equal distance in the order of the corpus",
    )
    parser.add_argument(
        "--bit-weight",
        type=positive,
        metavar="W",
        help="what a bit costs, if the best score by words is 1 (default: as INDEX "
        "says)",
    )
    parser.add_argument(
        "--radius",
        type=whole(0),
        metavar="R",
        help="with --rank codes, only those at most R bits away",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    by_words = args.rank == "words"
    if by_words and args.radius is not None:
        raise InputError("expected --rank codes beside --radius; got --rank words")
    if not by_words and args.bit_weight is not None:
        raise InputError("expected --rank words beside --bit-weight; got --rank codes")
    start_tensorflow()
    from wish_tf.index.document_index import DocumentIndex
    from wish_tf.saved_model import SavedHasher

    documents = DocumentIndex.load(args.index)
    model = args.model or documents.model
    if not Path(model).exists():
        raise InputError(
            f"expected the model that made {args.index}; got {model}, which is not "
            "there: give --model"
        )
    hasher, bits = SavedHasher(model), documents.index.bits
    if hasher.bits > bits:
        # Its codes are nested, or it is another model.
        hasher = hasher.cut(bits)
    if hasher.bits != bits or not documents.fits(hasher.hash):
        raise InputError(
            f"expected the model that made {args.index}; got {model}, whose codes are "
            "others"
        )
    hashed = hasher.hash([args.query])
    known = not hashed.out_of_vocabulary[0]
    if by_words:
        if args.bit_weight is not None:
            documents.bit_weight, documents.request_share = args.bit_weight, 1.0
        found = documents.search(args.query, hashed.bits[0] if known else None, args.k)
        hits = [
            {**_document(documents, place, distance), "score": round(score, 4)}
            for place, distance, score in zip(
                found.places.tolist(),
                found.distances.tolist(),
                found.scores.tolist(),
                strict=True,
            )
        ]
    elif known:
        nearest = documents.index.search(
            hashed.bits, min(args.k, max(1, len(documents.index)))
        )
        radius = documents.index.bits if args.radius is None else args.radius
        hits = [
            _document(documents, place, distance)
            for place, distance in zip(
                nearest.ids[0].tolist(), nearest.distances[0].tolist(), strict=True
            )
            if 0 <= distance <= radius
        ]
    else:
        raise InputError(
            f"expected a query with a word that the model knows; got {args.query!r}"
        )
    code = "".join(map(str, hashed.bits[0].tolist()))
    if args.json:
        print_json({"query": args.query, "bits": code, "results": hits})
        return
    read = hasher.read(hashed.bits[0]) if known else "no known word"
    print(f"{code}  {_one_line(args.query)}  [{_one_line(read)}]")
    for hit in hits:
        line = _one_line(hit["text"])
        if len(line) > SHOWN:
            line = line[: SHOWN - 3] + "..."
        score = f"{hit['score']:7.3f}" if "score" in hit else ""
        print(f"{hit['distance']:4}{score}  {_one_line(hit['id'])}  {line}")


def _document(documents: DocumentIndex, place: int, distance: int) -> dict[str, Any]:
    return {
        "id": documents.names[place],
        "distance": distance,
        "text": documents.texts[place],
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
