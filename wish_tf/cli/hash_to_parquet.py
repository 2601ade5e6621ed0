"""wish-tf hash --out: texts to a Parquet file of codes."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.export import SavedHasher
    from wish_tf.serving import Client

BATCH = 1024


def add_parquet_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "Parquet", "needs pyarrow; with --out, FILE may be a .parquet file as well"
    )
    group.add_argument(
        "--out",
        metavar="FILE",
        help="write a Parquet file of ids and codes instead; lines are numbered from 1",
    )
    group.add_argument(
        "--text-field", metavar="NAME", help="column of the texts (default: text)"
    )
    group.add_argument(
        "--id-field", metavar="NAME", help="column of the ids (default: rows from 1)"
    )
    group.add_argument(
        "--keep-text", action="store_true", help="write the texts as well"
    )
    group.add_argument(
        "--probabilities", action="store_true", help="write those of the bits as well"
    )


def check_parquet_options(args: argparse.Namespace) -> None:
    """Refuses options that need another, before a model is loaded."""
    if args.out is None:
        if args.keep_text or args.probabilities or args.text_field or args.id_field:
            raise InputError(
                "expected --out with an option for Parquet; got the option alone"
            )
    elif not args.file.endswith(".parquet") and (args.text_field or args.id_field):
        raise InputError(
            "expected a .parquet file with --text-field or --id-field; "
            f"got {args.file!r}"
        )


def hash_to_parquet(
    hasher: SavedHasher | Client,
    args: argparse.Namespace,
    lines: Iterator[str] | None,
) -> int:
    """Writes the file; returns how many texts held no known word.

    Args:
        hasher: with a method `hash`.
        args: the options of the command.
        lines: the texts; None: they are in the Parquet file of the options.
    """
    from wish_tf.exporters import ParquetCodesWriter
    from wish_tf.exporters.parquet_texts import ParquetTexts

    batches: Iterator[tuple[Any, Sequence[str | None]]]
    if lines is None:
        column = ParquetTexts(args.file, args.text_field or "text", args.id_field)
        id_type, batches = column.id_type, column.batches(BATCH)
    else:
        id_type, batches = None, _numbered(lines)
    written = unknown = 0
    with ExitStack() as stack:
        writer = None
        for ids, texts in batches:
            hashed = hasher.hash([text or "" for text in texts])
            if writer is None:
                # A server tells the number of bits with its first answer only.
                writer = stack.enter_context(
                    ParquetCodesWriter(
                        args.out,
                        hashed.probabilities.shape[1],
                        id_type=id_type,
                        model=_facts(hasher, args.model),
                        probabilities=args.probabilities,
                        texts=args.keep_text,
                    )
                )
            writer.write(ids, hashed, texts if args.keep_text else None)
            written += len(texts)
            unknown += int(hashed.out_of_vocabulary.sum())
        if writer is None:
            raise InputError(f"expected at least one text; {args.file!r} has none")
    print(f"{args.out}: {written} documents")
    return unknown


def _numbered(lines: Iterator[str]) -> Iterator[tuple[range, list[str]]]:
    start = 1
    while batch := list(itertools.islice(lines, BATCH)):
        yield range(start, start + len(batch)), batch
        start += len(batch)


def _facts(hasher: SavedHasher | Client, model: str) -> dict[str, str]:
    """Returns what tells a model from others: of a server, where it is."""
    from wish_tf.serving import Client

    if isinstance(hasher, Client):
        return {"url": model}
    from wish_tf.server.version_directory import CARD_FILE

    path = Path(hasher.path).resolve()
    facts = {"name": f"{path.parent.name}/{path.name}"}
    if (path / CARD_FILE).is_file():
        card = json.loads((path / CARD_FILE).read_text("utf-8"))
        facts["weights_sha256"] = card["weights"]["sha256"]
        facts["vocabulary_sha256"] = card["vocabulary"]["sha256_with_idf_weights"]
    return facts
