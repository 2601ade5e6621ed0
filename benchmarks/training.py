"""How fast training is, beside a dense PyTorch program and Keras' own Adam.

    pip install torch matplotlib   # a CPU build of torch; for this page only
    python benchmarks/training.py --data-dir FOLDER     # about ten minutes
    python benchmarks/training.py --quick               # no more than a check

Every measurement runs in a process of its own, so that its peak memory is its
own, and the variants take turns, so that a busy machine slows all of them: the
ratios of one run are what counts. Writes `benchmarks/results/training.json` and
the tables and the picture of `docs/performance.md`; `--table` only writes these anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from training_plot import draw

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "training.json"
PAGE = HERE.parent / "docs" / "performance.md"
PICTURE = PAGE.parent / "pictures" / "training_cost.svg"
BEGIN, END = "<!-- training: begin -->", "<!-- training: end -->"

# The corpus, its split, and the Prec@100 at 8 bits that training is timed to: the
# paper's, but of LSA with k-means for AG News, whose public file is partial.
CORPORA = {
    "20newsgroups": ("reference", 0.519),
    "reuters": ("random", 0.768),
    "agnews": ("random", 0.657),
}
VARIANTS = {
    "package": "this package",
    "package-malloc": "this package, memory settings",
    "torch": "dense PyTorch program",
    "keras": "dense Keras program",
}
REACHING = {
    "recipe": "this package, default recipe",
    "package": "this package, paper's settings",
    "torch": "dense PyTorch program",
    "keras": "dense Keras program",
}
# Settings of the C library's allocator: one arena, huge pages, and freed arrays of
# up to 32 MB kept for the next step.
MALLOC = ":".join(
    f"glibc.malloc.{setting}"
    for setting in (
        "arena_max=1",
        "hugetlb=1",
        "mmap_threshold=33554432",
        "trim_threshold=536870912",
    )
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-dir", help="folder of corpus files")
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=[*CORPORA])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--reach",
        nargs="*",
        choices=CORPORA,
        default=[*CORPORA],
        help="corpora on which training is timed to a Prec@100",
    )
    parser.add_argument("--time-limit", type=float, default=60, help="seconds")
    parser.add_argument("--quick", action="store_true", help="few steps, no reach")
    parser.add_argument("--table", action="store_true", help="only write the tables")
    parser.add_argument("--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    if not args.table:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        measure(args)
    if args.output == RESULTS:
        write_tables(json.loads(RESULTS.read_text()))


def measure(args: argparse.Namespace) -> None:
    """Runs everything; what is done is saved after each part."""
    result = {
        "versions": versions(),
        "machine": {
            "cores": os.cpu_count(),
            "load_before": os.getloadavg(),
            **worker("machine", "package", HERE, {}),
        },
        "date": time.strftime("%Y-%m-%d"),
        "quick": args.quick,
        "corpora": {},
    }

    def save() -> None:
        result["machine"]["load_after"] = os.getloadavg()
        replace(args.output, json.dumps(result, indent=1) + "\n")

    with tempfile.TemporaryDirectory() as scratch:
        for name in args.corpora:
            folder = Path(scratch, name)
            folder.mkdir()
            corpus = prepare(name, CORPORA[name][0], folder, args.data_dir)
            result["corpora"][name] = corpus
            corpus["speed"] = {variant: [] for variant in VARIANTS}
        for _ in range(1 if args.quick else args.rounds):
            for name, corpus in result["corpora"].items():
                for variant, runs in corpus["speed"].items():
                    fast = variant.startswith("package") and not args.quick
                    options = {"steps": 40 if fast else 5, "repeats": 3}
                    folder = Path(scratch, name)
                    runs.append(worker("speed", variant, folder, options))
                save()
        name = next(iter(result["corpora"]))
        result["corpora"][name]["scaling"] = worker(
            "scaling",
            "package",
            Path(scratch, name),
            {
                "documents": [2000, 4000, 8000],
                "words": [5000, 10000, 20000],
                "repeats": 1 if args.quick else 2,
            },
        )
        save()
        for name, corpus in result["corpora"].items():
            if args.quick or name not in args.reach:
                continue
            options = {"target": CORPORA[name][1], "limit": args.time_limit}
            corpus["reach"] = {"target": CORPORA[name][1], "runs": {}}
            for variant in REACHING:
                run = worker("reach", variant, Path(scratch, name), options)
                corpus["reach"]["runs"][variant] = run
                save()


def versions() -> dict[str, str]:
    try:
        return {name: version(name) for name in ("tensorflow", "keras", "torch")}
    except PackageNotFoundError as error:
        raise SystemExit(
            f"the comparison needs {error.name}, which is not installed: "
            f"pip install {error.name}"
        ) from error


def prepare(name: str, split: str, folder: Path, data_dir: str | None) -> dict:
    """Writes the tf-idf rows and labels of a corpus for the workers."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from training import write_rows; write_rows(*sys.argv[2:])"
    )
    arguments = [str(HERE), name, split, str(folder), data_dir or ""]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


def write_rows(name: str, split: str, folder: str, data_dir: str) -> None:
    """What `prepare` runs; it writes the size of the corpus as JSON."""
    import numpy as np
    import scipy.sparse

    from wish_tf.corpora import load_corpus, split_corpus
    from wish_tf.layers import TfidfVectorization

    corpus = load_corpus(name, data_dir=data_dir or None)
    parts = split_corpus(corpus, split)
    vectorization = TfidfVectorization()
    rows = vectorization.adapt(parts.train.texts)
    full = np.diff(rows.indptr) > 0
    scipy.sparse.save_npz(Path(folder, "train.npz"), rows[full])
    queries = vectorization.rows(parts.validation.texts)
    scipy.sparse.save_npz(Path(folder, "validation.npz"), queries)
    labels = {
        "train": [x for x, kept in zip(parts.train.labels, full, strict=True) if kept],
        "validation": parts.validation.labels,
    }
    Path(folder, "labels.json").write_text(json.dumps(labels))
    size = {
        "name": corpus.name,
        "documents": int(full.sum()),
        "words": rows.shape[1],
        "words_a_document": rows.nnz / int(full.sum()),
    }
    sys.stdout.write(json.dumps(size))


def worker(task: str, variant: str, folder: Path, options: dict) -> dict:
    """Runs one measurement in its own process."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("GLIBC_TUNABLES", None)
    if variant == "package-malloc":
        environment["GLIBC_TUNABLES"] = MALLOC
    start = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            str(HERE / "training_worker.py"),
            task,
            variant,
            str(folder),
            json.dumps(options),
        ],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{task} {variant} failed:\n{done.stderr[-2000:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    took = time.perf_counter() - start
    sys.stderr.write(f"{task} {variant}: {took:.0f} s {str(result)[:160]}\n")
    return result


def write_tables(result: dict) -> None:
    """Puts the tables between the markers of `docs/performance.md`."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    text = tables(result)
    if draw(result["corpora"], PICTURE):
        text += f"\n![Cost of a pass]({PICTURE.relative_to(PAGE.parent)})\n"
    replace(PAGE, f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def tables(result: dict) -> str:
    machine, software = result["machine"], result["versions"]
    counts = {
        len(runs) for c in result["corpora"].values() for runs in c["speed"].values()
    }
    rounds = " or ".join(str(count) for count in sorted(counts))
    lines = [
        f"Measured {result['date']} on {machine['cores']} cores "
        f"({machine['flops'] / 1e9:.0f} GFLOP/s in a matrix product, "
        f"{machine['bytes_a_second'] / 1e9:.0f} GB/s in a copy), load "
        f"{machine['load_before'][0]:.1f} before and {machine['load_after'][0]:.1f} "
        f"after; TensorFlow {software['tensorflow']}, Keras {software['keras']}, "
        f"PyTorch {software['torch']}. Medians; programs took turns, rounds: {rounds}."
        + (" **A quick check, not a measurement.**" if result["quick"] else ""),
        "",
        "| corpus | program | documents/s | ms a step | against PyTorch "
        "| peak memory, GB |",
        "|---|---|---|---|---|---|",
    ]
    for corpus in result["corpora"].values():
        done = {variant: runs for variant, runs in corpus["speed"].items() if runs}
        steps = {variant: seconds(runs) for variant, runs in done.items()}
        for variant, runs in done.items():
            peak = max(run["peak_bytes"] for run in runs) / 1e9
            lines.append(
                f"| {corpus['name']} | {VARIANTS[variant]} "
                f"| {100 / steps[variant]:,.0f} | {1000 * steps[variant]:.0f} "
                f"| {steps['torch'] / steps[variant]:.1f} x | {peak:.2f} |"
            )
    lines += reach_table(result) + scaling_tables(result)
    return "\n".join(lines) + "\n"


def seconds(runs: list[dict]) -> float:
    return median(median(run["seconds_a_step"]) for run in runs)


def reach_table(result: dict) -> list[str]:
    lines = [
        "",
        "| corpus | Prec@100 to reach | program | reached after | trained for "
        "| best Prec@100 | peak memory, GB |",
        "|---|---|---|---|---|---|---|",
    ]
    for corpus in result["corpora"].values():
        for variant, run in corpus.get("reach", {"runs": {}})["runs"].items():
            reached = run["seconds"]
            lines.append(
                f"| {corpus['name']} | {corpus['reach']['target']:.3f} "
                f"| {REACHING[variant]} "
                f"| {'not reached' if reached is None else f'{reached:.0f} s'} "
                f"| {run['trained_seconds']:.0f} s | {run['best']:.3f} "
                f"| {run['peak_bytes'] / 1e9:.2f} |"
            )
    return lines if len(lines) > 3 else []


def scaling_tables(result: dict) -> list[str]:
    lines = []
    for corpus in result["corpora"].values():
        for cases in corpus.get("scaling", {}).values():
            lines += [
                "",
                f"| {corpus['name']}: documents | vocabulary | words a document "
                "| microseconds a document | seconds a pass |",
                "|---|---|---|---|---|",
            ]
            for case in cases:
                cost = median(case["seconds_a_document"])
                lines.append(
                    f"| {case['documents']:,} | {case['words']:,} "
                    f"| {case['words_a_document']:.0f} | {1e6 * cost:,.0f} "
                    f"| {cost * case['documents']:.1f} |"
                )
    return lines


def replace(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.replace(path)


if __name__ == "__main__":
    main()
