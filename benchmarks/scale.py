"""What hashing, joining and searching on Apache Spark cost, by number of documents.

    python benchmarks/scale.py             # trains two models; about an hour
    python benchmarks/scale.py --quick     # no more than a check
    python benchmarks/scale.py --sizes 100000 1000000 3000000

Texts are those of `agnews`, over and over, the copies without a tenth of their words.
Each step is a process of its own (`scale_steps.py`). What is done is kept in the folder
`--work`, where an interrupted run goes on. Writes `benchmarks/results/scale.json` after
each step, and the tables of `docs/scale.md`; `--table` only writes these anew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

from generated_page import write_between_marks
from wish_tf.files import write_json
from worker_output import output_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "scale.json"
PAGE = HERE.parent / "docs" / "scale.md"
SIZES = (100_000, 1_000_000)
TRAINING = {
    16: ["--limit", "20000"],
    # Codes that are spread as long ones are; they need not be good ones.
    32: ["--limit", "5000"],
}
JOINS = ((16, 0), (32, 1))  # bits, radius
MOST_PAIRS = 300_000_000
BILLION = 1_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--corpus", default="agnews")
    parser.add_argument("--work", type=Path, default=Path("runs/scale"))
    parser.add_argument(
        "--quick", action="store_true", help="2,000 texts, small models"
    )
    parser.add_argument("--table", action="store_true", help="only write the tables")
    parser.add_argument("--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    if args.quick:
        args.sizes, args.work = [2000], args.work / "quick"
    if not args.table:
        measure(args)
    if args.output == RESULTS and not args.quick:
        result = json.loads(RESULTS.read_text())
        texts = {
            "measured": measured_table(result),
            "skew": skew_table(result),
            "estimate": estimate_table(result),
        }
        write_between_marks(PAGE, texts)


def measure(args: argparse.Namespace) -> None:
    """Runs what is not done yet, and writes the results after each step."""
    folder = args.work.resolve()
    state = folder / "results.json"
    result = {
        "corpus": args.corpus,
        "quick": args.quick,
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("tensorflow", "pyspark")},
        "steps": {},
    }
    if state.is_file():
        before = json.loads(state.read_text())
        if {**before, "steps": {}} != result:
            raise SystemExit(
                f"{folder} holds results of other settings or versions; give --work"
            )
        result = before
    models = {str(bits): train(folder, bits, args) for bits in TRAINING}

    def step(name: str, size: int, **settings) -> dict:
        key = " ".join(map(str, (name, size, *settings.values())))
        if key not in result["steps"]:
            if "bits" in settings and name.startswith("hash"):
                settings["model"] = models[str(settings["bits"])]
            sys.stderr.write(f"{key}\n")
            result["steps"][key] = {
                "date": time.strftime("%Y-%m-%d"),
                "load": os.getloadavg()[0],
                **run(name, {"folder": str(folder), "size": size, **settings}),
            }
            for path in (state, args.output):
                write_json(path, result)
        return result["steps"][key]

    for size in args.sizes:
        step("make_texts", size, corpus=args.corpus)
        for bits in TRAINING:
            step("hash_here", size, bits=bits)
            step("hash_on_spark", size, bits=bits)
        step("search", size, bits=16)
        for bits, radius in JOINS:
            hashed = step("hash_on_spark", size, bits=bits)
            if hashed["pairs_within_codes"] <= MOST_PAIRS:
                step("join", size, bits=bits, radius=radius)
    # Also if all was done before, with the results in another file.
    write_json(args.output, result)


def train(folder: Path, bits: int, args: argparse.Namespace) -> str:
    """Trains and exports a model, unless it is there."""
    model, run_folder = folder / f"model-{bits}", folder / f"run-{bits}"
    if not model.is_dir():
        limit = ["--limit", "1000"] if args.quick else TRAINING[bits]
        command = ["train", args.corpus, "--bits", str(bits), "--out", str(run_folder)]
        wish_tf(*command, *limit, "--force")
        wish_tf("export", str(run_folder), str(model))
    return str(model)


def wish_tf(*arguments: str) -> None:
    sys.stderr.write(f"wish-tf {' '.join(arguments)}\n")
    output_of([sys.executable, "-m", "wish_tf", *arguments])


def run(name: str, settings: dict) -> dict:
    program = [sys.executable, str(HERE / "scale_steps.py"), name]
    return json.loads(output_of([*program, json.dumps(settings)]).splitlines()[-1])


def of(result: dict, name: str) -> list[tuple[list[int], dict]]:
    """Returns the numbers in the key of each step of a name, and what it measured."""
    found = []
    for key, step in result["steps"].items():
        first, *numbers = key.split()
        if first == name:
            found.append(([int(n) for n in numbers if n.isdigit()], step))
    return found


def measured_table(result: dict) -> str:
    steps = result["steps"].values()
    dates, loads = [s["date"] for s in steps], [s["load"] for s in steps]
    texts = {size: step for [size], step in of(result, "make_texts")}
    largest = texts[max(texts)]
    lines = [
        f"Measured {min(dates)} to {max(dates)} on {result['cores']} cores, load "
        f"{min(loads):.1f} to {max(loads):.1f} at the start of a step; "
        + ", ".join(f"{name} {number}" for name, number in result["versions"].items())
        + f". Texts: {largest['originals']:,} of {result['corpus']}, the rest their "
        f"copies; {largest['text_bytes'] / max(texts):.0f} bytes a text.",
        "",
        "| step | documents | s | processor s | processor s a million | bytes shuffled "
        "a document |",
        "|---" * 6 + "|",
    ]
    for (size, bits), step in of(result, "hash_here"):
        lines.append(_row(f"`SavedHasher`, {bits} bits", size, step))
    for (size, bits), step in of(result, "hash_on_spark"):
        lines.append(_row(f"`hash_dataframe`, `write_codes`, {bits} bits", size, step))
    for (size, bits), step in of(result, "search"):
        lines.append(_row(f"`top_k`, 100 queries, k = 10, {bits} bits", size, step))
    for (size, bits, radius), step in of(result, "join"):
        what = (
            f"`near_duplicates`, {bits} bits, radius {radius}: {step['pairs']:,} pairs"
        )
        lines.append(_row(what, size, step))
    for bits, radius in JOINS:
        for (size, hashed_bits), step in of(result, "hash_on_spark"):
            if bits == hashed_bits and step["pairs_within_codes"] > MOST_PAIRS:
                lines.append(
                    f"| `near_duplicates`, {bits} bits, radius {radius}: not run, "
                    f"{step['pairs_within_codes']:,} pairs or more | {size:,} | | | | |"
                )
    hashed = [step for _, step in of(result, "hash_on_spark")]
    lines += [
        "",
        f"Codes that differ between `SavedHasher` and Spark: "
        f"{sum(step['differing_codes'] for step in hashed)} of "
        f"{sum(n[0] for n, _ in of(result, 'hash_on_spark')):,}. Before the first "
        f"row, the Python workers need {max(s['start_seconds'] for s in hashed):.0f} s "
        "at most to start TensorFlow and load the model (not in the table); the "
        "largest of them had "
        f"{max(s['worker_bytes'] for s in hashed) / 2**20:,.0f} MiB.",
        "",
        "| on disk, bytes a document | " + " | ".join(f"{n:,}" for n in texts) + " |",
        "|---" * (1 + len(texts)) + "|",
        "| texts, Parquet | "
        + " | ".join(f"{s['parquet_bytes'] / n:.1f}" for n, s in texts.items())
        + " |",
    ]
    for name, field, what in (
        ("hash_here", "codes_bytes", "ids and codes only, Parquet"),
        ("hash_on_spark", "parquet_bytes", "texts and codes by prefix, Parquet"),
    ):
        for bits in TRAINING:
            cells = [
                f"{step[field] / size:.1f}"
                for (size, of_bits), step in of(result, name)
                if of_bits == bits
            ]
            lines.append(f"| {what}, {bits} bits | {' | '.join(cells)} |")
    return "\n".join(lines)


def _row(what: str, size: int, step: dict) -> str:
    shuffled = step.get("shuffle_bytes")
    cell = "" if shuffled is None else f"{shuffled / size:.1f}"
    seconds = step["processor_seconds"]
    return (
        f"| {what} | {size:,} | {step['seconds']:.0f} | {seconds:.0f} | "
        f"{seconds * 1e6 / size:,.0f} | {cell} |"
    )


def skew_table(result: dict) -> str:
    lines = [
        "| bits | documents | codes in use | entropy, bits | largest bucket | pairs "
        "with the same code | as many as if evenly spread over |",
        "|---" * 7 + "|",
    ]
    for (size, bits), step in of(result, "hash_on_spark"):
        even = size**2 / 2 / step["pairs_within_codes"]
        lines.append(
            f"| {bits} | {size:,} | {step['distinct_codes']:,} of {2**bits:,} | "
            f"{step['entropy_bits']:.1f} | {step['largest_bucket']:,} "
            f"({step['largest_bucket'] / size:.2%}) | {step['pairs_within_codes']:,} | "
            f"{even:,.0f} codes |"
        )
    return "\n".join(lines)


def estimate_table(result: dict) -> str:
    """What a billion documents would cost if all went on in a straight line."""
    size = max(numbers[0] for numbers, _ in of(result, "hash_on_spark"))
    times = BILLION / size
    texts = result["steps"][f"make_texts {size} {result['corpus']}"]
    lines = [
        f"From {size:,} documents, in a straight line (pairs: with the square).",
        "",
        "| what | 10^9 documents |",
        "|---|---|",
        f"| texts, Parquet | {texts['parquet_bytes'] * times / 1e9:,.0f} GB |",
    ]
    for (at, bits), step in of(result, "hash_on_spark"):
        if at != size:
            continue
        hours = step["processor_seconds"] * times / 3600
        share = step["largest_bucket"] / size
        lines += [
            f"| hashing, {bits} bits: processor time | {hours:,.0f} core-hours |",
            f"| hashing, {bits} bits: shuffled | "
            f"{step['shuffle_bytes'] * times / 1e9:,.0f} GB |",
            f"| texts and codes by prefix, {bits} bits | "
            f"{step['parquet_bytes'] * times / 1e9:,.0f} GB |",
            f"| largest bucket, {bits} bits | {share * BILLION:,.0f} documents |",
            f"| pairs with the same code, {bits} bits | "
            f"{step['pairs_within_codes'] * times**2:.1e} |",
        ]
    for (at, bits), step in of(result, "search"):
        if at == size:
            hours = step["processor_seconds"] * times / 3600
            lines.append(
                f"| `top_k`, 100 queries, {bits} bits | {hours:,.1f} core-hours |"
            )
    for bits, radius in JOINS:
        runs = [s for s in of(result, "join") if s[0][1:] == [bits, radius]]
        if runs:
            (at, *_), step = runs[-1]
            hours = step["processor_seconds"] * (BILLION / at) ** 2 / 3600
            lines.append(
                f"| `near_duplicates`, {bits} bits, radius {radius}, from {at:,} "
                f"documents | {hours:.1e} core-hours |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
