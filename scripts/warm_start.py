"""Measures what a warm start keeps, and writes the tables of docs/versioning.md.

    python scripts/warm_start.py run --corpora 20newsgroups --seeds 0 1 2
    python scripts/warm_start.py run --corpora 20newsgroups --bits 16 --new-groups
    python scripts/warm_start.py docs

A hasher is trained on the first half of the training documents, and then others on all
of them: one that starts from it (`like`), one that does so without centres for what is
new, and one that does not. With `--new-groups` the first half lacks the documents of
every fourth label. Adds what is not yet in the results. Codes are compared on what the
old hasher was trained on; the queries are the test documents. 20 Newsgroups is split as
`reference`, the others at random by seed 0.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from marks import write_between_marks
from result_lines import append, read
from wish_tf.corpora import Corpus, load_corpus, split_corpus

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "warm_start.jsonl"
WAYS = {
    "warm": "like the old one",
    "no new centres": "like it, no centres for new texts",
    "fresh": "without it",
}
# Of the tables, by whether there are new groups: fields and what they are called.
COLUMNS = {
    False: {
        "equal_codes": "equal codes",
        "mean_distance": "mean distance",
        "precision_at_100": "new queries, old codes",
        "own": "new queries, new codes",
    },
    True: {
        "equal_codes": "equal codes",
        "mean_distance": "mean distance",
        "own_at_10": "Prec@10",
        "of_new_groups": "Prec@10, queries of new groups",
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["20newsgroups"])
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--new-groups", action="store_true")
    parser.add_argument("--data-dir")
    args = parser.parse_args()
    if args.action == "docs":
        page = ROOT / "docs" / "versioning.md"
        lines = read(RESULTS)
        texts = {"warm start": table(lines, False), "new groups": table(lines, True)}
        write_between_marks(page, texts)
        return
    done = {key(line) for line in read(RESULTS)}
    for corpus in args.corpora:
        for seed in args.seeds:
            line = {"corpus": corpus, "bits": args.bits, "seed": seed}
            line["new_groups"] = args.new_groups
            if key(line) not in done:
                line |= measure(**line, data_dir=args.data_dir)
                append(RESULTS, line)
                print(json.dumps(line), flush=True)


def key(line: dict) -> tuple:
    return tuple(line[name] for name in ("corpus", "bits", "seed", "new_groups"))


def measure(
    corpus: str, bits: int, seed: int, new_groups: bool, data_dir: str | None
) -> dict[str, Any]:
    from wish_tf.metrics import precision_at_k
    from wish_tf.recipes import DEFAULT, Recipe, WarmStart
    from wish_tf.runs import kept_codes
    from wish_tf.text_hasher import TextHasher

    kind = "reference" if corpus == "20newsgroups" else "random"
    splits = split_corpus(load_corpus(corpus, data_dir=data_dir), kind)
    train, test = splits.train, splits.test
    every = sorted({label for labels in train.labels for label in labels})
    new = set(every[::4]) if new_groups else set()
    half = train.subset(
        [i for i in range(len(train) // 2) if not new.intersection(train.labels[i])]
    )
    asking = [i for i, labels in enumerate(test.labels) if new.intersection(labels)]
    old = TextHasher(bits, seed=seed).fit(half.texts)
    line: dict[str, Any] = {"documents": len(half)}
    recipes = {
        "warm": Recipe(WarmStart()),
        "no new centres": Recipe(WarmStart(new=1.0)),
        "fresh": DEFAULT,
    }
    for way, recipe in recipes.items():
        # Of another seed, as a retraining on another day may have.
        hasher = TextHasher(bits, recipe=recipe, seed=seed + 1000)
        hasher.fit(train.texts, like=None if way == "fresh" else old)
        known = hasher.transform(train.texts)

        def found(queries: Corpus, k: int) -> float:
            codes = hasher.transform(queries.texts)  # noqa: B023
            return precision_at_k(codes, queries.labels, known, train.labels, k)  # noqa: B023

        line[way] = {
            **kept_codes(old, hasher, half, test),
            "own": found(test, 100),
            "own_at_10": found(test, 10),
            "of_new_groups": found(test.subset(asking), 10) if asking else None,
        }
    return line


def table(lines: list[dict], new_groups: bool) -> str:
    columns = COLUMNS[new_groups]
    rows = [
        f"| corpus | bits | training on all | {' | '.join(columns.values())} |",
        "|---" * (len(columns) + 3) + "|",
    ]
    lines = [line for line in lines if line["new_groups"] == new_groups]
    for corpus, bits in sorted({(line["corpus"], line["bits"]) for line in lines}):
        of = [
            line for line in lines if (line["corpus"], line["bits"]) == (corpus, bits)
        ]
        for way, name in WAYS.items():
            cells = (np.mean([line[way][field] for line in of]) for field in columns)
            shown = " | ".join(f"{value:.3f}" for value in cells)
            rows.append(f"| {corpus} ({len(of)}) | {bits} | {name} | {shown} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
