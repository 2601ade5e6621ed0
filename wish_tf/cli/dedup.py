"""wish-tf dedup: the near-duplicate documents of a corpus."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    open_documents,
    print_json,
    reading_fields,
    say_ids,
    start_tensorflow,
)
from wish_tf.cli.numbers import positive, whole
from wish_tf.cli.progress_line import ProgressLine
from wish_tf.errors import InputError
from wish_tf.files import check_outputs, replacing

if TYPE_CHECKING:
    import numpy as np

    from wish_tf.dedup import Duplicates
    from wish_tf.dedup.record_filter import RecordFilter

BATCH = 8192
RADIUS = 2


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "dedup",
        help="find the near-duplicate documents of a corpus",
        description="Prints a JSON line for each group of near-duplicates: the ids of "
        "its documents (their numbers, where they have no field id), the first of them "
        "being the one to keep, and the similarity of each with the first. Without "
        "--model every pair is considered and none is missed; with --model only "
        "those whose codes are near each other.",
    )
    add_corpus_options(parser, labels=False)
    parser.add_argument(
        "--threshold",
        type=positive,
        default=0.5,
        metavar="T",
        help="least Jaccard similarity of the shingles of duplicates; at 1 only "
        "documents that are equal but for case and space are (default: 0.5)",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="e.g. saved_models/NAME; spares pairs by the codes it gives",
    )
    parser.add_argument(
        "--radius",
        type=whole(0),
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
    from wish_tf.index.string_spool import StringSpool

    radius = RADIUS if args.radius is None else args.radius
    deduplicator = Deduplicator(args.threshold, radius)
    source = open_documents(args)
    check_outputs([args.out, args.kept], [source.source, *source.paths, args.model])
    filter_ = None if args.kept is None else _record_filter(args, source.paths)
    with ExitStack() as stack:
        out: TextIO = sys.stdout
        if args.out is not None:
            # Before the work: a folder that cannot be written to is told at once.
            path = stack.enter_context(replacing(args.out))
            out = stack.enter_context(path.open("w", encoding="utf-8"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        spool = stack.enter_context(StringSpool(folder / "texts"))
        ids: list[int | str | None] = []
        # A document without a text is nobody's duplicate. In a CSV file an empty cell
        # is what says that there is none.
        with_text = array("q")
        for batch in source.batches(limit=args.limit):
            here = [i for i, text in enumerate(batch.texts) if text and text.strip()]
            with_text.extend(len(ids) + at for at in here)
            ids += batch.ids
            spool.add(batch.texts[at] or "" for at in here)
        if not with_text:
            raise InputError(
                f"expected at least one document with a text; got none in "
                f"{args.corpus!r}"
            )
        texts = spool.table()
        found = deduplicator.find(
            texts,
            _codes(args.model, texts),
            on_progress=_progress("documents compared"),
        )
        for group in found.groups:
            line = {
                "ids": [ids[with_text[at]] for at in group],
                "similarities": [round(float(s), 4) for s in found.similarity[group]],
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        if filter_ is not None:
            import numpy as np

            kept = np.ones(len(ids), bool)
            kept[with_text] = ~found.is_duplicate
            path = stack.enter_context(replacing(args.kept))
            filter_.write(path, kept)
    say_ids(source.id_field)
    report = _report(found, len(ids), time.monotonic() - started)
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
    if args.kept is not None and args.limit is not None:
        raise InputError("expected --kept or --limit; got both")


def _record_filter(args: argparse.Namespace, paths: list[str]) -> RecordFilter:
    from wish_tf.dedup.record_filter import RecordFilter

    if len(paths) != 1 or paths == ["-"]:
        raise InputError(
            f"expected one file for --kept to be made of; got {args.corpus!r}"
        )
    fields = reading_fields(args)
    filter_ = RecordFilter(paths[0], fields.kind, fields.delimiter)
    filter_.check(args.kept)
    return filter_


def _codes(model: str | None, texts: Sequence[str]) -> np.ndarray | None:
    """Returns the codes of all texts, or None without a model."""
    if model is None:
        print("wish-tf: no --model: every pair is considered", file=sys.stderr)
        return None
    start_tensorflow()
    import numpy as np

    from wish_tf.saved_model import SavedHasher

    hasher = SavedHasher(model)
    progress = _progress("documents hashed")
    codes = []
    for start in range(0, len(texts), BATCH):
        codes.append(hasher.hash(list(texts[start : start + BATCH])).bits)
        progress(min(start + BATCH, len(texts)), len(texts))
    return np.concatenate(codes)


def _report(found: Duplicates, documents: int, seconds: float) -> dict[str, Any]:
    n = found.first.size
    return {
        "documents": documents,
        "groups": len(found.groups),
        "duplicates": int(found.is_duplicate.sum()),
        "equal": n - found.distinct,
        "pairs": found.distinct * (found.distinct - 1) // 2,
        "pairs_within_radius": found.within_radius,
        "pairs_sharing_a_rare_shingle": found.candidates,
        "pairs_checked": found.checked,
        "seconds": round(seconds, 1),
    }


def _sentences(report: dict[str, Any], with_codes: bool) -> Iterator[str]:
    yield (
        "{documents} documents: {groups} groups, {duplicates} duplicates, of them "
        "{equal} equal to an earlier one but for case and space; {seconds} s".format(
            **report
        )
    )
    pairs = report["pairs"]
    steps = f"{pairs} pairs of different documents"
    if with_codes:
        within = report["pairs_within_radius"]
        spared = 1 - within / pairs if pairs else 0.0
        steps += f"; the codes spared {spared:.1%} and left {within}"
    yield (
        f"{steps}; {report['pairs_sharing_a_rare_shingle']} shared a rare shingle, "
        f"{report['pairs_checked']} were compared"
    )


def _progress(what: str) -> Callable[[int, int], None]:
    """Returns what shows how many of something are done, of how many."""
    line = ProgressLine()
    return lambda done, total: line.show(f"{done:,} of {total:,} {what}", done, total)
