"""How fast `HammingIndex` is, beside faiss and usearch.

    pip install wish-tf[benchmarks]
    python benchmarks/search.py run --cache DIR    # goes on where it was stopped
    python benchmarks/search.py single --cache DIR # single queries, libraries in turn
    python benchmarks/search.py table              # writes the tables of docs/search.md

The corpus is a name of `load_corpus`, agnews by default, from `WISH_TF_DATA`. Every
library runs in a process of its own with one thread, one after the other, on the same
codes. `benchmarks/results/search.json` is written after each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from generated_page import write_between_marks
from wish_tf.files import write_json
from worker_output import output_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "search.json"
PAGE = HERE.parent / "docs" / "search.md"
BITS = (8, 12, 16, 32, 64)
SIZES = (10**5, 10**6, 10**7)
OURS, FLAT, HNSW = "HammingIndex", "IndexBinaryFlat", "usearch, HNSW"
HASH = "IndexBinaryHash"
ROUNDS = 5
LIBRARIES = (
    FLAT,
    OURS,
    HASH,
    "IndexBinaryMultiHash",
    "usearch, exact",
    HNSW,
)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run", help="measure what is not measured yet")
    run_parser.add_argument("--cache", type=Path, required=True, metavar="DIR")
    run_parser.add_argument("--corpus", default="agnews")
    run_parser.add_argument("--bits", type=int, nargs="+", default=BITS)
    run_parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    run_parser.add_argument("--libraries", nargs="+", default=LIBRARIES)
    run_parser.add_argument(
        "--hnsw-limit", type=int, default=10**5, help="largest size for HNSW"
    )
    run_parser.add_argument(
        "--again", action="store_true", help="measure what is measured already, too"
    )
    single_parser = commands.add_parser("single", help="measure libraries in turn")
    single_parser.add_argument("--cache", type=Path, required=True, metavar="DIR")
    single_parser.add_argument("--corpus", default="agnews")
    commands.add_parser("table", help="write the tables of docs/search.md")
    args = parser.parse_args()
    if args.command == "run":
        run(args)
    elif args.command == "single":
        result = json.loads(RESULTS.read_text())
        result["single"] = {"date": time.strftime("%Y-%m-%d"), "rows": single(args)}
        write_json(RESULTS, result)
    else:
        result = json.loads(RESULTS.read_text())
        texts = {"search goals": goals(result), "search tables": tables(result)}
        texts["search single"] = single_table(result["single"])
        write_between_marks(PAGE, texts)


def run(args: argparse.Namespace) -> None:
    result = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"cells": {}}
    result |= {
        "date": time.strftime("%Y-%m-%d"),
        "versions": {name: version(name) for name in ("faiss-cpu", "usearch", "numpy")},
        "corpus": args.corpus,
    }
    for size in args.sizes:
        for bits in args.bits:
            for library in args.libraries:
                cell = f"{bits}/{size}/{library}"
                if library == HNSW and size > args.hnsw_limit:
                    continue
                if cell in result["cells"] and not args.again:
                    continue
                sys.stderr.write(f"{cell}\n")
                result["cells"][cell] = measure(library, bits, size, args)
                write_json(RESULTS, result)


def measure(library: str, bits: int, size: int, args: argparse.Namespace) -> dict:
    command = [
        *(sys.executable, str(HERE / "search_worker.py"), library),
        *(str(bits), str(size)),
        *("--corpus", args.corpus, "--cache", str(args.cache)),
    ]
    output = output_of(command, **dict.fromkeys(ONE_THREAD, "1"))
    return json.loads(output.splitlines()[-1])


def single(args: argparse.Namespace) -> list[dict]:
    """Microseconds of a query by itself: of each library the median of 50 queries,
    and of the rounds, in which the libraries take turns, the least."""
    import faiss
    import numpy as np

    import search_codes
    import search_worker

    faiss.omp_set_num_threads(1)
    rows = []
    for size in SIZES[:2]:
        for bits in BITS:
            codes, queries = search_codes.load(args.cache, args.corpus, bits, size)
            truth = np.load(args.cache / f"{args.corpus}-{bits}-{size}-truth.npy")
            libraries = {
                name: search_worker.LIBRARIES[name](np.array(codes), bits)
                for name in (OURS, FLAT, HASH)
            }
            search_worker.choose_flips(libraries[HASH], queries, truth)
            found = libraries[HASH].search(queries[: len(truth)], truth.shape[1])
            if not search_worker.same(found, truth).all():
                del libraries[HASH]
            for k in search_worker.WANTED:
                times = {name: [] for name in libraries}
                for _ in range(ROUNDS):
                    for name, library in libraries.items():
                        each = search_worker.single(library, queries, k)
                        times[name].append(1e6 * each)
                best = {name: min(each) for name, each in times.items()}
                rows.append({"bits": bits, "size": size, "k": k, "times": best})
                sys.stderr.write(f"{rows[-1]}\n")
    return rows


def single_table(result: dict) -> str:
    lines = [
        f"Measured {result['date']}: microseconds of processor time of a query by "
        f"itself, the libraries in turn in one process. {HASH} has the fewest flips "
        "that are exact; where it has no time, none up to 4 was.",
        "",
        "| bits | codes | k | HammingIndex | Flat | Hash | best of both / ours |",
        "|---" * 7 + "|",
    ]
    for row in result["rows"]:
        times = row["times"]
        best = min(times[name] for name in times if name != OURS)
        cells = [f"{times[n]:.1f}" if n in times else "" for n in (OURS, FLAT, HASH)]
        lines.append(
            f"| {row['bits']} | {row['size']:,} | {row['k']} | {' | '.join(cells)} | "
            f"{best / times[OURS]:.2f} |"
        )
    return "\n".join(lines)


def cells_of(result: dict, bits: int, size: int) -> dict[str, dict]:
    found = {name: result["cells"].get(f"{bits}/{size}/{name}") for name in LIBRARIES}
    return {name: cell for name, cell in found.items() if cell}


def goals(result: dict) -> str:
    """How `HammingIndex` compares with Flat and with the best that was exact."""
    lines = [
        "Times of Flat, and of the fastest other library that was exact, each divided "
        "by that of `HammingIndex`: above 1 we are faster.",
        "",
        "| bits | codes | bytes a document (at most bits/8 + 5) | "
        + " | ".join(
            f"{against}, {way}, k={k}"
            for against in ("Flat", "best exact")
            for way in ("single", "batch")
            for k in ("10", "100")
        )
        + " |",
        "|---" * 11 + "|",
    ]
    lost = []
    for bits in BITS:
        for size in SIZES:
            cells = cells_of(result, bits, size)
            if OURS not in cells or FLAT not in cells:
                continue
            ours = cells[OURS]
            row = [str(bits), f"{size:,}", f"{ours['bytes']:.2f} ({bits / 8 + 5:g})"]
            if ours["bytes"] > bits / 8 + 5:
                lost.append(f"{bits} bits, {size:,}: {ours['bytes']:.2f} bytes")
            for best in (False, True):
                for way in ("single", "batch"):
                    for k in ("10", "100"):
                        rivals = {
                            name: cell[k][way]
                            for name, cell in cells.items()
                            if name != OURS and cell[k]["exact"]
                        }
                        rival = min(rivals, key=rivals.get) if best else FLAT
                        ratio = cells[rival][k][way] / ours[k][way]
                        row.append(f"{ratio:.3g}")
                        if best and ratio < 1:
                            lost.append(
                                f"{bits} bits, {size:,}, {way}, k={k}: {rival} takes "
                                f"{ratio:.2f} of our time"
                            )
            lines.append(f"| {' | '.join(row)} |")
    lines += ["", "Where we lose:", ""]
    lines += [f"- {line}" for line in lost] or ["- nowhere"]
    missing = [
        f"- {bits} bits, {size:,}: {', '.join(absent)}"
        for bits in BITS
        for size in SIZES
        if (absent := [n for n in LIBRARIES if n not in cells_of(result, bits, size)])
    ]
    if missing:
        lines += ["", "Not measured, and so not among the best exact:", "", *missing]
    return "\n".join(lines)


def tables(result: dict) -> str:
    software = ", ".join(f"{n} {v}" for n, v in result["versions"].items())
    lines = [
        f"Measured {result['date']} with one thread each; {software}; codes of "
        f"{result['corpus']}. Processor time: milliseconds of a query given by itself "
        "(median) and of each in a batch of 200, or of as many as a library answers in "
        '10 s. "right" is the share of queries whose 100 distances are those of Flat.',
    ]
    for bits in BITS:
        lines += [
            "",
            f"### {bits} bits",
            "",
            "| codes | library | setting | build, s | bytes a document | single, k=10 "
            "| single, k=100 | batch, k=10 | batch, k=100 | right |",
            "|---" * 10 + "|",
        ]
        for size in SIZES:
            for name, cell in cells_of(result, bits, size).items():
                times = [
                    f"{1000 * cell[k][way]:.3g}"
                    for way in ("single", "batch")
                    for k in ("10", "100")
                ]
                lines.append(
                    f"| {size:,} | {name} | {cell['setting']} | {cell['build']:.2f} | "
                    f"{cell['bytes']:.1f} | {' | '.join(times)} | "
                    f"{cell['100']['right']:.0%} |"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
