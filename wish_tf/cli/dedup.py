"""wish-tf dedup: the near-duplicate documents of a corpus."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    print_json,
    read_corpus,
    start_tensorflow,
)
from wish_tf.cli.progress_line import ProgressLine
from wish_tf.errors import InputError
from wish_tf.files import replacing

if TYPE_CHECKING:
    import numpy as np

    from wish_tf.dedup import Duplicates

BATCH = 8192
RADIUS = 2


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "dedup",
        help="find the near-duplicate documents of a corpus",
        description="Prints a JSON line for each group of near-duplicates: the ids of "
        "its documents (line numbers, where they have no field id), the first of them "
        "being the one to keep, and the cosine of each with the first. Without "
        "--model every pair is considered and none is missed; with --model only "
        "those whose codes are near each other.",
    )
    add_corpus_options(parser)
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.8,
        metavar="T",
        help="least cosine of the tf-idf rows of duplicates (default: 0.8)",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="e.g. saved_models/NAME; spares pairs by the codes it gives",
    )
    parser.add_argument(
        "--radius",
        type=int,
        metavar="R",
        help="with --model: largest Hamming distance of the codes of documents that "
        f"are compared (default: {RADIUS})",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write the groups there and print the report"
    )
    parser.add_argument(
        "--kept",
        metavar="FILE",
        help="write CORPUS, which must be a file, without the duplicates",
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    started = time.monotonic()
    _check(args)
    from wish_tf.dedup.deduplicator import Deduplicator

    radius = RADIUS if args.radius is None else args.radius
    deduplicator = Deduplicator(args.threshold, radius)

    corpus = read_corpus(args.corpus, args)
    with ExitStack() as stack:
        out: TextIO = sys.stdout
        if args.out is not None:
            # Before the work: a folder that cannot be written to is told at once.
            path = stack.enter_context(replacing(args.out))
            out = stack.enter_context(path.open("w", encoding="utf-8"))
        found = deduplicator.find(
            corpus.texts,
            _codes(args.model, corpus.texts),
            on_progress=_progress("pairs done"),
        )
        for group in found.groups:
            line = {
                "ids": [corpus.ids[at] for at in group],
                "similarities": [round(float(s), 4) for s in found.similarity[group]],
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        if args.kept is not None:
            from wish_tf.dedup.record_filter import RecordFilter

            path = stack.enter_context(replacing(args.kept))
            RecordFilter(args.corpus).write(path, ~found.is_duplicate)
    report = _report(found, time.monotonic() - started)
    if args.out is not None and args.json:
        print_json(report)
    else:
        where = sys.stdout if args.out is not None else sys.stderr
        for sentence in _sentences(report, args.model is not None):
            print(sentence, file=where)


def _check(args: argparse.Namespace) -> None:
    """Raises InputError for what can be said before anything is read."""
    if args.radius is not None and args.model is None:
        raise InputError(
            f"expected --radius with --model, which gives the codes; got --radius "
            f"{args.radius} alone"
        )
    if args.json and args.out is None:
        raise InputError(
            "expected --json with --out FILE, since the groups are JSON lines anyway"
        )
    if args.kept is not None:
        if args.limit is not None:
            raise InputError("expected --kept or --limit; got both")
        if not Path(args.corpus).expanduser().exists():
            raise InputError(
                f"expected a file for --kept to be made of; got {args.corpus!r}"
            )
        if (
            args.out is not None
            and Path(args.kept).resolve() == Path(args.out).resolve()
        ):
            raise InputError(f"expected two files; --out and --kept are {args.out!r}")
    for name in (args.out, args.kept):
        if name is not None and Path(name).is_dir():
            raise InputError(f"expected a file to write; {name!r} is a folder")


def _codes(model: str | None, texts: list[str]) -> np.ndarray | None:
    """Returns the codes of all texts, or None without a model."""
    if model is None:
        print("wish-tf: no --model: every pair is considered", file=sys.stderr)
        return None
    start_tensorflow()
    import numpy as np

    from wish_tf.export import SavedHasher

    hasher = SavedHasher(model)
    progress = _progress("documents hashed")
    codes = []
    for start in range(0, len(texts), BATCH):
        codes.append(hasher.hash(texts[start : start + BATCH]).bits)
        progress(min(start + BATCH, len(texts)), len(texts))
    return np.concatenate(codes)


def _report(found: Duplicates, seconds: float) -> dict[str, Any]:
    n = found.first.size
    return {
        "documents": n,
        "groups": len(found.groups),
        "duplicates": int(found.is_duplicate.sum()),
        "equal": n - found.distinct,
        "pairs": found.distinct * (found.distinct - 1) // 2,
        "pairs_within_radius": found.within_radius,
        "pairs_sharing_a_rare_word": found.candidates,
        "pairs_checked": found.checked,
        "seconds": round(seconds, 1),
    }


def _sentences(report: dict[str, Any], with_codes: bool) -> Iterator[str]:
    yield (
        "{documents} documents: {groups} groups, {duplicates} duplicates, of them "
        "{equal} with the same words as an earlier document; {seconds} s".format(
            **report
        )
    )
    pairs = report["pairs"]
    steps = f"{pairs} pairs of documents with different words"
    if with_codes:
        within = report["pairs_within_radius"]
        spared = 1 - within / pairs if pairs else 0.0
        steps += f"; the codes spared {spared:.1%} and left {within}"
    yield (
        f"{steps}; {report['pairs_sharing_a_rare_word']} shared a rare word, "
        f"{report['pairs_checked']} were checked by cosine"
    )


def _progress(what: str) -> Callable[[int, int], None]:
    """Returns what shows how many of something are done, of how many."""
    line = ProgressLine()
    return lambda done, total: line.show(f"{done:,} of {total:,} {what}", done, total)
