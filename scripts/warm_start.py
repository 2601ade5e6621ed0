"""Measures what a warm start keeps, and writes the table of docs/versioning.md.

    python scripts/warm_start.py run --corpora 20newsgroups --seeds 0 1 2
    python scripts/warm_start.py docs

A hasher is trained on the first half of the training documents, and then two on all of
them: one that starts from it (`like`), and one that does not. Adds what is not yet in
the results. Codes are compared on the first half; the queries are the test documents.
20 Newsgroups is split as `reference`, the others at random by seed 0.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from marks import write_between_marks
from wish_tf.corpora import load_corpus, split_corpus

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "warm_start.jsonl"
HEAD = (
    "| corpus | training on all | equal codes | mean distance | "
    "new queries, old codes | new queries, new codes |",
    "|---|---|---|---|---|---|",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["20newsgroups"])
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--data-dir")
    args = parser.parse_args()
    if args.action == "docs":
        page = ROOT / "docs" / "versioning.md"
        write_between_marks(page, {"warm start": table(read())})
        return
    done = {(line["corpus"], line["bits"], line["seed"]) for line in read()}
    for corpus in args.corpora:
        for seed in args.seeds:
            if (corpus, args.bits, seed) not in done:
                line = measure(corpus, args.bits, seed, args.data_dir)
                with RESULTS.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)


def read() -> list[dict]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines()]


def measure(name: str, bits: int, seed: int, data_dir: str | None) -> dict:
    from wish_tf.runs import evaluate, kept_codes
    from wish_tf.text_hasher import TextHasher

    kind = "reference" if name == "20newsgroups" else "random"
    splits = split_corpus(load_corpus(name, data_dir=data_dir), kind)
    half = splits.train.subset(range(len(splits.train) // 2))
    old = TextHasher(bits, seed=seed).fit(half.texts)
    line = {
        "corpus": name,
        "bits": bits,
        "seed": seed,
        "old": evaluate(old, half, splits.test)[0]["precision_at_100"],
    }
    for way, like in (("warm", old), ("fresh", None)):
        # Of another seed, as a retraining on another day may have.
        hasher = TextHasher(bits, seed=seed + 1000)
        hasher.fit(splits.train.texts, like=like)
        line[way] = {
            **kept_codes(old, hasher, half, splits.test),
            "own": evaluate(hasher, splits.train, splits.test)[0]["precision_at_100"],
        }
    return line


def table(lines: list[dict]) -> str:
    rows = list(HEAD)
    for corpus in sorted({line["corpus"] for line in lines}):
        of = [line for line in lines if line["corpus"] == corpus]
        for way, name in (("warm", "like the old one"), ("fresh", "without it")):
            cells = [
                np.mean([line[way][field] for line in of])
                for field in ("equal_codes", "mean_distance", "precision_at_100", "own")
            ]
            shown = " | ".join(f"{value:.3f}" for value in cells)
            rows.append(f"| {corpus} ({len(of)}) | {name} | {shown} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
