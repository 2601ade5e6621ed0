"""What the exported graph costs, from texts to codes, beside that of an older commit.

    python benchmarks/graph.py                # trains a model; 10 minutes
    python benchmarks/graph.py --run FOLDER   # of 64 bits, trained by the older commit
    python benchmarks/graph.py --quick        # no more than a check

The older commit trains on 20 Newsgroups and exports its codes of 8, 16 and 64 bits
(`graph_export.py`, run in a clone of it). The same weights are exported by the code
that is here, and both graphs are called in turn with the same texts
(`graph_worker.py`). Writes `benchmarks/results/graph.json` and the table of
`docs/performance.md`; `--table` only writes the table anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from generated_page import add_page_options, measure_for_page
from worker_output import output_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "graph.json"
PAGE = HERE.parent / "docs" / "performance.md"
OLD = "459c44f"
CORPORA = {"20newsgroups": "20 Newsgroups", "python-docs-labelled": "docstrings"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, help="of `wish-tf train` at the commit")
    parser.add_argument("--quick", action="store_true", help="few texts and rounds")
    add_page_options(parser, RESULTS)
    args = parser.parse_args()
    measure_for_page(args, measure, table, RESULTS, PAGE, "graph")


def measure(args: argparse.Namespace, scratch: Path) -> dict:
    """Runs everything, and returns what is written as JSON."""
    load_before = os.getloadavg()
    clone, exports = scratch / "clone", scratch / "old"
    subprocess.run(["git", "clone", "-q", str(HERE.parent), str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "checkout", "-q", OLD], check=True)
    run = args.run
    if run is None:
        run = scratch / "run"
        small = ["--limit", "1000"] if args.quick else []
        train = ["-m", "wish_tf", "train", "20newsgroups", "--bits", "64", *small]
        output_of([sys.executable, *train, "--out", str(run)], PYTHONPATH=str(clone))
    export = [sys.executable, str(HERE / "graph_export.py"), str(run), str(exports)]
    output_of(export, PYTHONPATH=str(clone))
    worker = [sys.executable, str(HERE / "graph_worker.py"), str(exports)]
    output = output_of(
        [*worker, "10" if args.quick else "400", *CORPORA], PYTHONPATH=str(HERE.parent)
    )
    return {
        "date": time.strftime("%Y-%m-%d"),
        "quick": args.quick,
        "old": OLD,
        "tensorflow": version("tensorflow"),
        "cores": os.cpu_count(),
        "load_before": load_before,
        "load_after": os.getloadavg(),
        **json.loads(output.splitlines()[-1]),
    }


def table(result: dict) -> str:
    sizes = ", ".join(
        f"{result['bytes'][name]:,.0f} bytes ({CORPORA[name]})" for name in CORPORA
    )
    equal = "; ".join(
        f"{case['bits']} bits, {case['texts']:,} {CORPORA[case['corpus']]}: "
        f"{case['differ']}"
        for case in result["codes"]
    )
    lines = [
        f"Measured {result['date']} on {result['cores']} cores, load "
        f"{result['load_before'][0]:.1f} before and {result['load_after'][0]:.1f} "
        f"after; TensorFlow {result['tensorflow']}. Microseconds of processor time a "
        "text, the whole call in the thread of its caller; medians of "
        f"{result['rounds']} calls, ten of a graph in turn. A text has {sizes} on "
        "average."
        + (" **A quick check, not a measurement.**" if result["quick"] else ""),
        "",
        f"| bits | texts | of | operations, {result['old']} | now | us a text, "
        f"{result['old']} | now | ratio | now, words to a power |",
        "|---" * 9 + "|",
        *map(row, result["times"]),
        "",
        f"Texts whose codes differ from those of {result['old']}: {equal}. The largest "
        f"difference of a probability is {result['probability']:.0e}.",
    ]
    return "\n".join(lines)


def row(case: dict) -> str:
    old, new = case["old"], case["new"]
    return (
        f"| {case['bits']} | {case['size']} | {CORPORA[case['corpus']]} "
        f"| {case['old_operations']} | {case['new_operations']} "
        f"| {old:.0f} | {new:.0f} | {new / old:.2f} | {case['powered']:.0f} |"
    )


if __name__ == "__main__":
    main()
