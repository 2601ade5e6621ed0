"""Near-duplicates by `wish_tf.dedup`, beside MinHash-LSH and all pairs.

    pip install '.[benchmarks]'
    WISH_TF_DATA=... python benchmarks/dedup.py           # trains a model; half an hour
    WISH_TF_DATA=... python benchmarks/dedup.py --model saved_models/NAME
    WISH_TF_DATA=... python benchmarks/dedup.py --quick   # no more than a check

Texts are of AG News: real near-duplicates, and copies with words dropped, swapped or
misspelt. Each method runs in a process of its own on the same file, with the same
final check. Writes `benchmarks/results/dedup.json` and the tables of
`docs/dedup.md`; `--table` only writes the tables anew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from generated_page import write_between_marks
from wish_tf.corpora import load_corpus
from wish_tf.files import write_json
from worker_output import output_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "dedup.json"
PAGE = HERE.parent / "docs" / "dedup.md"
THRESHOLD = 0.5
BITS = 8
EXACT, BRUTE = "exact", "brute"
CODES = ("codes-1", "codes-2")
MINHASH = ("minhash-0.4", "minhash-0.5")
NAMES = {
    BRUTE: "all pairs by sparse product",
    EXACT: "`wish-tf dedup`",
    "codes-1": "with `--model`, radius 1",
    "codes-2": "with `--model`, radius 2",
    "minhash-0.4": "MinHash-LSH, threshold 0.4",
    "minhash-0.5": "MinHash-LSH, threshold 0.5",
}
KINDS = {
    "drop": "each word dropped with probability 0.1",
    "swap": "each word swapped with the next with probability 0.1",
    "typo": "a letter of each word replaced with probability 0.1",
}
COPIES = 0.1  # share of copies among the texts
SEED = 0


@dataclass(frozen=True)
class Case:
    name: str
    part: str  # "texts" or "titles"
    documents: int | None  # None: as many as there are
    methods: tuple[str, ...]


def cases(quick: bool) -> list[Case]:
    small = (BRUTE, EXACT, *CODES, *MINHASH)
    if quick:
        return [Case("2,000 texts", "texts", 2000, small)]
    return [
        Case("10,000 texts", "texts", 10_000, small),
        Case("all texts", "texts", None, small),
        Case("all titles", "titles", None, small),
        Case("200,000 texts", "texts", 200_000, (EXACT, "codes-2", "minhash-0.5")),
        Case("1,000,000 texts", "texts", 1_000_000, (EXACT, "codes-2")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", help="an export for AG News: saved_models/NAME")
    parser.add_argument("--quick", action="store_true", help="2,000 texts only")
    parser.add_argument("--largest", type=int, help="leave out cases of more texts")
    parser.add_argument("--table", action="store_true", help="only write the tables")
    parser.add_argument("--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    if not args.table:
        with tempfile.TemporaryDirectory() as scratch:
            measure(args, Path(scratch))
    if args.output == RESULTS:
        text = tables(json.loads(RESULTS.read_text()))
        write_between_marks(PAGE, {"dedup": text})


def measure(args: argparse.Namespace, scratch: Path) -> None:
    """Runs everything; what is measured is written after each case."""
    corpus = load_corpus("agnews")
    started = time.monotonic()
    model = args.model or train(scratch, args.quick)
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "quick": args.quick,
        "versions": {name: version(name) for name in ("datasketch", "scipy")},
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
        "corpus": corpus.name,
        "model": Path(args.model).name if args.model else f"{BITS} bits, {corpus.name}",
        "train_seconds": None if args.model else time.monotonic() - started,
        "threshold": THRESHOLD,
        "cases": [],
    }
    for case in cases(args.quick):
        if args.largest and (case.documents or len(corpus)) > args.largest:
            continue
        texts, mixed, copies = make_texts(corpus.texts, case)
        file = scratch / "corpus.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        measured = run_case(case, file, model, copies)
        measured |= {"documents": len(texts), "mixed": mixed}
        result["cases"].append(measured)
        result["load_after"] = os.getloadavg()
        write_json(args.output, result)


def train(scratch: Path, quick: bool) -> str:
    run, model = scratch / "run", scratch / "model"
    limit = ["--limit", "2000"] if quick else []
    train = ["train", "agnews", "--bits", str(BITS), "--out", str(run), *limit]
    for arguments in (train, ["export", str(run), str(model)]):
        sys.stderr.write(f"wish-tf {' '.join(arguments)}\n")
        output_of([sys.executable, "-m", "wish_tf", *arguments])
    return str(model)


def make_texts(texts: list[str], case: Case) -> tuple[list[str], int, dict]:
    """Makes the texts of a case.

    Where more are wanted than there are, a text is the first half of one and the
    second half of another.

    Returns:
        Texts, how many are of two halves, and for each kind the places
        (copy, source) of its copies.
    """
    rng = np.random.default_rng(SEED)
    if case.part == "titles":
        texts = [text.split("\n")[0] for text in texts]
    wanted = case.documents or round(len(texts) / (1 - COPIES))
    count = round(COPIES * wanted)
    base = [texts[at] for at in rng.permutation(len(texts))[: wanted - count]]
    mixed = wanted - count - len(base)
    while len(base) < wanted - count:
        one, other = (texts[at].split() for at in rng.integers(len(texts), size=2))
        base.append(" ".join(one[: len(one) // 2] + other[len(other) // 2 :]))
    copies: dict[str, list] = {kind: [] for kind in KINDS}
    for at in rng.choice(len(base), count, replace=False).tolist():
        kind = str(rng.choice(list(KINDS)))
        copies[kind].append((len(base), at))
        base.append(changed(base[at], kind, rng))
    return base, mixed, copies


def changed(text: str, kind: str, rng: np.random.Generator) -> str:
    words = text.split()
    hit = rng.random(len(words)) < 0.1
    if kind == "drop":
        words = [word for word, gone in zip(words, hit, strict=True) if not gone]
    for at in np.flatnonzero(hit).tolist() if kind != "drop" else ():
        if kind == "swap" and at + 1 < len(words):
            words[at : at + 2] = words[at + 1], words[at]
        elif kind == "typo":
            letter = int(rng.integers(len(words[at])))
            new = chr(ord("a") + int(rng.integers(26)))
            words[at] = words[at][:letter] + new + words[at][letter + 1 :]
    return " ".join(words)


def run_case(case: Case, file: Path, model: str, copies: dict) -> dict:
    measured: dict = {"name": case.name, "methods": {}}
    truth = None
    for method in case.methods:
        out = file.with_suffix(".npz")
        worker = [sys.executable, str(HERE / "dedup_worker.py")]
        arguments = [method, str(file), str(THRESHOLD), str(out), model]
        sys.stderr.write(f"{case.name}: {method}\n")
        one = json.loads(output_of([*worker, *arguments]).splitlines()[-1])
        first = np.load(out)["first"]
        if truth is None:
            truth = first
        if method == EXACT and (first != truth).any():
            raise SystemExit(f"{case.name}: {method} differs from all pairs")
        if (truth[first] != truth).any():
            raise SystemExit(f"{case.name}: {method} joins what is not similar")
        every = (truth != np.arange(truth.size)).sum()
        one["recall"] = one["duplicates"] / int(every)
        one["copies_found"] = {
            kind: float(np.mean(first[pairs[0]] == first[pairs[1]]))
            for kind, places in copies.items()
            if len(pairs := np.array(places).T)
        }
        measured["methods"][method] = one
    return measured


def tables(result: dict) -> str:
    trained = result["train_seconds"]
    lines = [
        f"Measured {result['date']} on {result['cores']} cores, load "
        f"{result['load_before'][0]:.1f} before and {result['load_after'][0]:.1f} "
        f"after; SciPy {result['versions']['scipy']}, datasketch "
        f"{result['versions']['datasketch']}. Corpus: {result['corpus']}; model: "
        f"{result['model']}"
        + ("" if trained is None else f", trained in {trained:.0f} s (not counted)")
        + f"; similarity of at least {result['threshold']}."
        + (" **A quick check, not a measurement.**" if result["quick"] else ""),
        "",
        "| texts | method | duplicates found | pairs within the radius | pairs "
        "sharing a rare shingle or a band | comparisons | processor time, s | peak "
        "memory, MB |",
        "|---" * 8 + "|",
    ]
    for case in result["cases"]:
        title = f"{case['name']} ({case['documents']:,}"
        title += f", of them {case['mixed']:,} of two halves)" if case["mixed"] else ")"
        for method, one in case["methods"].items():
            lines.append(f"| {title} | {NAMES[method]} | {cells(method, one)} |")
            title = ""
    lines += [
        "",
        "Of the copies made, how many are in a group with what they were made from:",
        "",
        "| texts | method | " + " | ".join(KINDS.values()) + " |",
        "|---" * (2 + len(KINDS)) + "|",
    ]
    for case in result["cases"]:
        title = case["name"]
        for method, one in case["methods"].items():
            if method == BRUTE:
                continue
            shares = (f"{one['copies_found'][kind]:.1%}" for kind in KINDS)
            lines.append(f"| {title} | {NAMES[method]} | {' | '.join(shares)} |")
            title = ""
    return "\n".join(lines)


def cells(method: str, one: dict) -> str:
    seconds = f"{one['cpu_seconds']:.1f}"
    if one.get("hash_cpu_seconds"):
        seconds += f", of them hashing {one['hash_cpu_seconds']:.1f}"
    return " | ".join(
        [
            f"{one['duplicates']:,} ({one['recall']:.1%})",
            f"{one['within_radius']:,}" if method in CODES else "all",
            "" if method == BRUTE else f"{one['candidates']:,}",
            "" if method == BRUTE else f"{one['checked']:,}",
            seconds,
            f"{one['peak_mb']:,.0f}",
        ]
    )


if __name__ == "__main__":
    main()
