"""wish-tf hash: texts to codes."""

from __future__ import annotations

import argparse
import json
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import Subparsers, add_field_options, reading_fields, say_ids
from wish_tf.cli.open_hasher import add_hasher_options, open_hasher
from wish_tf.errors import InputError
from wish_tf.files import check_outputs

if TYPE_CHECKING:
    from wish_tf.client import Client
    from wish_tf.corpora.corpus import Batch
    from wish_tf.hashed_texts import HashedTexts
    from wish_tf.integrations import ParquetCodesWriter
    from wish_tf.saved_model import SavedHasher

UNKNOWN = "out_of_vocabulary"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "hash",
        help="print the code of each text",
        description="Prints one code for each line of text, or each document of a file "
        "with fields. One without a known word, or without a text, gives the word "
        f"{UNKNOWN} instead of a code; in jsonl it has a field of that name.",
    )
    add_hasher_options(parser)
    parser.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help=".txt, .jsonl, .csv, .tsv (all also .gz, .zst) or .parquet; a folder, a "
        "pattern; - (default) is stdin",
    )
    parser.add_argument(
        "--format",
        choices=("bits", "hex", "int", "jsonl"),
        default="bits",
        help="bits: 01101000, bit 0 first; hex: the packed bytes; int: bit 0 is "
        "the most significant; jsonl: all of these and probabilities",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="write a Parquet file of ids and codes instead, a row a document; those "
        "without an id, or with one that was there, are counted on standard error",
    )
    parser.add_argument(
        "--keep-text", action="store_true", help="with --out: write the texts as well"
    )
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="with --out: write those of the bits as well",
    )
    add_field_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    if args.out is None and (args.keep_text or args.probabilities or args.id_field):
        raise InputError(
            "expected --out with --keep-text, --probabilities or --id-field; got one "
            "of them alone"
        )
    from wish_tf.client import ServerError
    from wish_tf.corpora import Documents

    documents = Documents(args.file, reading_fields(args))
    model = None if "://" in args.model else args.model
    check_outputs([args.out], [documents.source, *documents.paths, model])
    if args.out is not None and not args.out.endswith(".parquet"):
        raise InputError(f"expected --out to end in .parquet; got {args.out!r}")
    try:
        with open_hasher(args.model, args.token_file) as hasher, ExitStack() as stack:
            writer = None
            written = unknown = 0
            ids = _Ids()
            for batch in documents.batches(None if args.out is None else "any"):
                hashed = hasher.hash([text or "" for text in batch.texts])
                written += len(batch.texts)
                unknown += int(hashed.out_of_vocabulary.sum())
                if args.out is None:
                    # Whoever gives a line and waits for its code gets it.
                    print("\n".join(_formatted(hashed, args.format)), flush=True)
                    continue
                ids.add(batch.ids)
                if writer is None:
                    writer = stack.enter_context(_writer(args, hasher, batch, hashed))
                texts = batch.texts if args.keep_text else None
                writer.write(batch.ids, hashed, texts)
            if args.out is not None and not written:
                raise InputError(
                    f"expected at least one document; got none in {args.file!r}"
                )
    except ServerError as error:
        raise InputError(str(error)) from error
    if args.out is not None:
        print(f"{args.out}: {written} documents")
        say_ids(documents.id_field)
        if documents.id_field is not None:
            for sentence in ids.problems():
                print(f"wish-tf: {sentence}", file=sys.stderr)
    if unknown:
        print(f"wish-tf: {unknown} texts hold no known word", file=sys.stderr)


class _Ids:
    """Counts the ids that no document can be found by, in sixteen bytes a document."""

    def __init__(self) -> None:
        self._documents, self._keys, self._rows = 0, array("q"), array("q")

    def add(self, ids: Iterable[int | str | None]) -> None:
        for id_ in ids:
            self._documents += 1
            if id_ is not None:
                # All are integers, or all are strings.
                self._keys.append(hash(id_) if isinstance(id_, str) else id_)
                self._rows.append(self._documents)

    def problems(self) -> Iterator[str]:
        import numpy as np

        if missing := self._documents - len(self._keys):
            yield f"{missing} documents have no id"
        keys, rows = np.array(self._keys), np.array(self._rows)
        order = keys.argsort(kind="stable")
        again = rows[order[1:][keys[order[1:]] == keys[order[:-1]]]]
        if again.size:
            yield (
                f"{again.size} documents have the id of an earlier one; the first is "
                f"in row {again.min()}"
            )


def _writer(
    args: argparse.Namespace,
    hasher: SavedHasher | Client,
    batch: Batch,
    hashed: HashedTexts,
) -> ParquetCodesWriter:
    """Returns a writer for what the first batch says: length of codes, type of ids."""
    import pyarrow as pa

    from wish_tf.integrations import ParquetCodesWriter

    first = next((id_ for id_ in batch.ids if id_ is not None), 0)
    return ParquetCodesWriter(
        args.out,
        hashed.probabilities.shape[1],
        id_type=pa.string() if isinstance(first, str) else pa.int64(),
        model=_facts(hasher, args.model),
        probabilities=args.probabilities,
        texts=args.keep_text,
    )


def _formatted(hashed: HashedTexts, form: str) -> Iterator[str]:
    from wish_tf.codes import code_strings, codes_to_int, pack_bits

    forms: dict[str, Callable[[Any], list[Any]]] = {
        "bits": code_strings,
        "hex": lambda bits: [row.tobytes().hex() for row in pack_bits(bits)],
        "int": lambda bits: codes_to_int(bits).tolist(),
    }
    unknown = hashed.out_of_vocabulary.tolist()
    if form != "jsonl":
        for code, flag in zip(forms[form](hashed.bits), unknown, strict=True):
            yield UNKNOWN if flag else str(code)
        return
    columns = {name: codes(hashed.bits) for name, codes in forms.items()}
    columns["probabilities"] = [
        [round(p, 6) for p in row] for row in hashed.probabilities.tolist()
    ]
    columns[UNKNOWN] = unknown
    for row in zip(*columns.values(), strict=True):
        yield json.dumps(dict(zip(columns, row, strict=True)))


def _facts(hasher: SavedHasher | Client, model: str) -> dict[str, str]:
    """Returns what tells a model from others: of a server, where it is."""
    from wish_tf.client import Client

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
