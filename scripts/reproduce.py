"""Runs the paper's evaluation, and makes its tables and figures.

    python scripts/reproduce.py table1       # one experiment: table1, fig4 ... ammi
    python scripts/reproduce.py all          # all of them, and the page
    python scripts/reproduce.py all --quick  # the same in small, in minutes
    python scripts/reproduce.py docs         # the page, from what is there

A run that is in the results is not run again, so this can be stopped at any time;
several can run beside each other on different corpora or methods. Results are JSON
lines, `results/EXPERIMENT.jsonl`, and the page docs/reproduction.md; with `--quick`
both are in `results/quick/`. Fig. 3 and Fig. 8 are made from the runs of Table 1, and
what the sweep of recipes (`scripts/sweep.py`) has of the default is not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path

import result_lines
from reproduction.cell import Cell
from reproduction.experiments import EXPERIMENTS
from reproduction.scale import FULL, QUICK, Scale
from reproduction.sweep_lines import sweep_lines
from wish_tf.errors import InputError

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"
PAGE = ROOT / "docs" / "reproduction.md"
# What runs are chosen by: an option, and what it is of a cell.
OPTIONS = {
    "corpora": "corpus",
    "methods": "method",
    "presets": "preset",
    "bits": "bits",
    "seeds": "seed",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=(*EXPERIMENTS, "all", "docs"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--corpora", nargs="+", help="only these")
    parser.add_argument("--methods", nargs="+", help="only these")
    parser.add_argument("--presets", nargs="+", help="only these")
    parser.add_argument("--bits", nargs="+", type=int, help="only these")
    parser.add_argument("--seeds", nargs="+", type=int, help="only these")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--results", type=Path)
    args = parser.parse_args()
    scale = QUICK if args.quick else FULL
    results = args.results or (RESULTS / "quick" if args.quick else RESULTS)
    if args.action != "docs":
        names = EXPERIMENTS if args.action == "all" else [args.action]
        cells = [cell for name in names for cell in EXPERIMENTS[name](scale)]
        try:
            run(chosen(cells, args), scale, results, args.data_dir)
        except InputError as error:  # no such runs, or a corpus that is not there
            raise SystemExit(f"reproduce.py: error: {error}") from None
    if args.action in ("all", "docs"):
        from reproduction.page import write_page

        page = results / PAGE.name if args.quick else PAGE
        write_page(read(results), PAGE, page, scale)
        print(page)


def chosen(cells: list[Cell], args: argparse.Namespace) -> list[Cell]:
    """Returns the cells that the options leave.

    Raises:
        InputError: if an option names what none of them has.
    """
    for option, name in OPTIONS.items():
        only = getattr(args, option)
        if only is None:
            continue
        there = dict.fromkeys(getattr(cell, name) for cell in cells)
        for value in only:
            if value not in there:
                raise InputError(
                    f"--{option}: expected some of {', '.join(map(str, there))}, "
                    f"got {value}"
                )
        cells = [cell for cell in cells if getattr(cell, name) in only]
    return cells


def run(
    wanted: Iterable[Cell], scale: Scale, results: Path, data_dir: Path | None
) -> None:
    """Runs what is not in the results yet, and adds a line a run."""
    from reproduction.prepared_corpus import PreparedCorpus
    from reproduction.run_cell import run_cell

    corpora: dict[str, PreparedCorpus] = {}
    for cell in wanted:
        # Read anew each time: another process may have done it meanwhile.
        if cell.key in {Cell.key_of(line) for line in read(results)}:
            continue
        if cell.corpus not in corpora:
            corpora.clear()
            corpora[cell.corpus] = PreparedCorpus.load(
                cell.corpus, data_dir, scale.documents
            )
        started = time.monotonic()
        measured = run_cell(cell, corpora[cell.corpus], scale)
        line = {
            **json.loads(cell.key),
            **measured,
            "seconds": round(time.monotonic() - started, 1),
        }
        result_lines.append(results / f"{cell.experiment}.jsonl", line)
        shown = ("experiment", "method", "preset", "corpus", "bits", "seed", "settings")
        print(*(line[name] for name in (*shown, "precision_at_100", "seconds")))


def read(results: Path) -> list[dict]:
    """Returns the lines of all experiments."""
    lines = sweep_lines(results / "sweep.jsonl")
    for name in EXPERIMENTS:
        lines += result_lines.read(results / f"{name}.jsonl")
    return lines


if __name__ == "__main__":
    main()
