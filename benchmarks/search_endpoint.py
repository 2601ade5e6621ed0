"""What the signature `search` of an export costs, beside an index in Python.

    python benchmarks/search_endpoint.py           # trains three models; 30 minutes
    python benchmarks/search_endpoint.py --quick   # no more than a check

Codes are of docstrings, hashed by a small model and repeated with a bit in twenty
flipped until there are enough. Each case runs in a process of its own
(`search_endpoint_worker.py`), which asks the signature and `HammingIndex` for the same
texts in turn and stops if they differ. Writes `benchmarks/results/search_endpoint.json`
and the table of `docs/search-endpoint.md`; `--table` only writes the table anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from importlib.metadata import version
from pathlib import Path

from generated_page import add_page_options, measure_for_page
from worker_output import output_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "search_endpoint.json"
PAGE = HERE.parent / "docs" / "search-endpoint.md"
BITS = (8, 16, 32)
SMALL = ["--limit", "2000"]
DOCUMENTS = (100_000, 1_000_000)
MB = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=30, help="of 1 and of 64 queries")
    parser.add_argument("--quick", action="store_true", help="few documents, one round")
    add_page_options(parser, RESULTS)
    args = parser.parse_args()
    measure_for_page(args, measure, table, RESULTS, PAGE, "search-endpoint")


def measure(args: argparse.Namespace, scratch: Path) -> dict:
    """Runs everything, and returns what is written as JSON."""
    load_before = os.getloadavg()
    sizes = (1000, 3000) if args.quick else DOCUMENTS
    cases = []
    for bits in BITS:
        run = train(scratch, bits, args.quick)
        for documents in (0, *sizes):
            sys.stderr.write(f"{bits} bits, {documents} documents\n")
            cases.append(measure_case(args, scratch, run, bits, documents))
    return {
        "date": time.strftime("%Y-%m-%d"),
        "quick": args.quick,
        "versions": {name: version(name) for name in ("tensorflow", "numpy")},
        "cores": os.cpu_count(),
        "load_before": load_before,
        "load_after": os.getloadavg(),
        "rounds": 1 if args.quick else args.rounds,
        "cases": cases,
    }


def train(scratch: Path, bits: int, quick: bool) -> Path:
    """Trains a small hasher; that its codes are good does not matter here."""
    run = scratch / f"run{bits}"
    size = ["--limit", "500"] if quick else SMALL
    options = ["--bits", str(bits), "--out", str(run), *size]
    sys.stderr.write(f"training {bits} bits\n")
    output_of(
        [sys.executable, "-m", "wish_tf", "train", "python-docs-labelled", *options]
    )
    return run


def measure_case(
    args: argparse.Namespace, scratch: Path, run: Path, bits: int, documents: int
) -> dict:
    """Exports documents and measures them; 0: the export without any."""
    case = scratch / f"{bits}-{documents}"
    export = [
        sys.executable,
        str(HERE / "search_endpoint_export.py"),
        str(run),
        str(case),
    ]
    made = json.loads(output_of([*export, str(documents)]).splitlines()[-1])
    files = [case / name for name in ("codes.npy", "names.json", "queries.json")]
    rounds = str(1 if args.quick else args.rounds)
    worker = [sys.executable, str(HERE / "search_endpoint_worker.py"), str(case / "1")]
    output = output_of([*worker, *map(str, files), rounds])
    measured = json.loads(output.splitlines()[-1])
    shutil.rmtree(case)
    return {"bits": bits, "documents": documents, **made, **measured}


def table(result: dict) -> str:
    software = result["versions"]
    searched = [case for case in result["cases"] if case["documents"]]
    name_bytes = sum(case["name_bytes"] for case in searched)
    name_bytes /= sum(case["documents"] for case in searched)
    lines = [
        f"Measured {result['date']} on {result['cores']} cores, load "
        f"{result['load_before'][0]:.1f} before and {result['load_after'][0]:.1f} "
        f"after; TensorFlow {software['tensorflow']}, NumPy {software['numpy']}. "
        f"{name_bytes:.0f} bytes a name; medians of {result['rounds']} rounds."
        + (" **A quick check, not a measurement.**" if result["quick"] else ""),
        "",
        "| bits | documents | codes in use | export, MB | written, s | loaded, s "
        "| memory, MB | index in Python, without names: built, s | memory, MB |",
        "|---" * 9 + "|",
        *map(size_row, result["cases"]),
        "",
        "Milliseconds from texts to ids, 10 documents a text:",
        "",
        "| bits | documents | texts | `search` | `hash`, then `HammingIndex` "
        "| `hash` alone | `search` takes |",
        "|---" * 7 + "|",
        *(time_row(case, texts) for case in searched for texts in ("1", "64")),
    ]
    return "\n".join(lines)


def size_row(case: dict) -> str:
    figures = [
        f"{case['bits']} | {case['documents']:,} | {case['distinct_codes']:,}",
        f"{case['export_bytes'] / MB:.1f} | {case['export_seconds']:.1f}",
        f"{case['load']['seconds']:.1f} | {case['load']['mb']:.0f}",
    ]
    index = case.get("build_index")
    figures.append(f"{index['seconds']:.1f} | {index['mb']:.0f}" if index else "|")
    return f"| {' | '.join(figures)} |"


def time_row(case: dict, texts: str) -> str:
    ways = case["milliseconds"]
    signature, index, hashing = (
        ways[way][texts] for way in ("signature", "hash_and_index", "hash")
    )
    return (
        f"| {case['bits']} | {case['documents']:,} | {texts} | {signature:.1f} "
        f"| {index:.1f} | {hashing:.1f} | {signature / index:.2f} times as long |"
    )


if __name__ == "__main__":
    main()
