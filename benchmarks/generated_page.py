"""The tables of a benchmark in its page, and the options that say when."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wish_tf.files import write_json

# The marks are those of the scripts, which are no package.
sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from marks import write_between_marks

__all__ = ["add_page_options", "measure_for_page", "write_between_marks"]


def add_page_options(parser: argparse.ArgumentParser, results: Path) -> None:
    """Adds what `measure_for_page` asks for.

    Args:
        parser: of a benchmark.
        results: where its results are kept.
    """
    parser.add_argument("--table", action="store_true", help="only write the table")
    parser.add_argument("--output", type=Path, default=results)


def measure_for_page(
    args: argparse.Namespace,
    measure: Callable[[argparse.Namespace, Path], Any],
    table: Callable[[Any], str],
    results: Path,
    page: Path,
    name: str,
) -> None:
    """Measures, unless only the table is asked for, and writes the table of the
    results that are kept.

    Args:
        args: with those of `add_page_options`.
        measure: returns JSON values, given the arguments and an empty folder.
        table: turns them into Markdown.
        results: where they are kept.
        page: where the table is.
        name: of its marks there.
    """
    if not args.table:
        with tempfile.TemporaryDirectory() as scratch:
            write_json(args.output, measure(args, Path(scratch)))
    if args.output == results:
        write_between_marks(page, {name: table(json.loads(results.read_text()))})
