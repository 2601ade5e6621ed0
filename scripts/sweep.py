"""Trains many hashers and keeps one JSON line a run; goes on where it stopped.

    python scripts/sweep.py run --corpora 20newsgroups reuters --bits 4 8 --seeds 0 1 2
    python scripts/sweep.py table          # print the tables
    python scripts/sweep.py docs           # write them into docs/recipe.md, README.md

`run` adds what is not yet in the results. `--presets` are those of the package,
ablations of the default (each leaves one thing out), and `kmeans`: 2^bits
clusters of an LSA-100 space, searched by the cosine of the centroids, the bar
below which a few-bit hash has no reason to exist (it gets no codes, and so is an
upper bound for any way to give the clusters codes). No run uses a label but to
measure; the epoch is the best by the objective on the validation texts, as in
`wish-tf train`. 20 Newsgroups is split as `reference`, the others at random by
seed 0, so seeds differ in the training alone. `agnews@8` is that corpus with the
first 8 words of each text: about the length of a title.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from marks import write_between_marks
from wish_tf.corpora import Corpus, load_corpus, split_corpus
from wish_tf.errors import InputError
from wish_tf.recipes import PRESETS, Recipe, default

K = 100
KMEANS = "kmeans"
BITS = (4, 6, 8, 12)
# What the default recipe is to reach, and what the paper reports for WISH; its
# AG News is the whole set, ours is a part.
GOALS = {
    "20newsgroups": (0.42, 0.54, 0.58, 0.60),
    "reuters": (0.73, 0.83, 0.85, 0.86),
    "agnews": (0.80, 0.82, 0.84, 0.85),
}
PAPER = {
    "20newsgroups": (0.354, 0.495, 0.519, 0.539),
    "reuters": (0.664, 0.759, 0.768, 0.797),
    "agnews": (0.769, 0.776, 0.791, 0.807),
}
ROOT = Path(__file__).parents[1]


def without(**annealing) -> Callable[[int], Recipe]:
    """Returns the default recipe with other settings of the annealing."""

    def recipe(bits: int) -> Recipe:
        whole = default(bits)
        return replace(whole, annealing=replace(whole.annealing, **annealing))

    return recipe


ABLATIONS = {
    "one-decoder": without(decoders=1),
    "no-flips": without(flip=(0.0, 0.0)),
    "no-prior": without(prior=0.0),
    "no-heating": without(beta=(8.0, 8.0)),
    "no-word-dropout": lambda bits: replace(default(bits), word_dropout=0.0),
    "one-hidden-layer": lambda bits: replace(default(bits), hidden_units=(512,)),
}
RECIPES = {**PRESETS, **ABLATIONS}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "table", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["python-docs"])
    parser.add_argument("--bits", nargs="+", type=int, default=list(BITS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument(
        "--presets", nargs="+", default=["default"], choices=[*RECIPES, KMEANS]
    )
    parser.add_argument("--data-dir")
    parser.add_argument("--results", type=Path, default=Path("results/sweep.jsonl"))
    args = parser.parse_args()
    if args.action == "table":
        print(table(read(args.results)))
        return
    if args.action == "docs":
        lines = read(args.results)
        page = ROOT / "docs" / "recipe.md"
        named = [line for line in lines if line["preset"] not in ABLATIONS]
        sweep = {"sweep": table(named)}
        others = {"ablations": ablations(lines), "goals": goals(lines)}
        write_between_marks(page, sweep | others)
        write_between_marks(ROOT / "README.md", sweep)
        return
    try:
        run(args)
    except InputError as error:  # a corpus that is not there, or too small a one
        raise SystemExit(f"sweep.py: error: {error}") from None


def run(args: argparse.Namespace) -> None:
    """Adds the lines that the results do not have yet."""
    done = {key(line) for line in read(args.results)}
    for corpus in args.corpora:
        splits = None
        for seed, bits, preset in itertools.product(
            args.seeds, args.bits, args.presets
        ):
            if (preset, corpus, bits, seed) in done:
                continue
            if splits is None:
                kind = "reference" if corpus == "20newsgroups" else "random"
                splits = split_corpus(load(corpus, args.data_dir), kind)
            started = time.monotonic()
            measure = kmeans if preset == KMEANS else train
            line = {
                "preset": preset,
                "corpus": corpus,
                "bits": bits,
                "seed": seed,
                **measure(splits, bits, seed, preset),
                "seconds": round(time.monotonic() - started, 1),
                "labels_used_for": "measuring",
            }
            args.results.parent.mkdir(parents=True, exist_ok=True)
            with args.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def load(name: str, data_dir: str | None) -> Corpus:
    """Returns a corpus; `NAME@8` is NAME with the first 8 words of each text."""
    cut = re.fullmatch(r"(.+)@(\d+)", name)
    corpus = load_corpus(cut[1] if cut else name, data_dir=data_dir)
    if not cut:
        return corpus
    short = [" ".join(text.split()[: int(cut[2])]) for text in corpus.texts]
    return replace(corpus, texts=short)


def key(line: dict) -> tuple:
    return tuple(line[name] for name in ("preset", "corpus", "bits", "seed"))


def read(path: Path) -> list[dict]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def train(splits, bits: int, seed: int, preset: str) -> dict:
    from wish_tf.callbacks import BestEpoch
    from wish_tf.runs import evaluate
    from wish_tf.text_hasher import TextHasher

    recipe = RECIPES[preset](bits)
    started = time.monotonic()
    best = BestEpoch()
    hasher = TextHasher(bits, recipe=recipe, seed=seed).fit(
        splits.train.texts, validation_texts=splits.validation.texts, callbacks=[best]
    )
    seconds = time.monotonic() - started
    validation = evaluate(hasher, splits.train, splits.validation)
    test = evaluate(hasher, splits.train, splits.test)
    return {
        "validation_precision_at_100": validation["precision_at_100"],
        "precision_at_100": test["precision_at_100"],
        "distinct_codes": test["distinct_codes"],
        "dead_bits": test["dead_bits"],
        "epoch": best.epoch,
        "train_seconds": round(seconds, 1),
    }


def kmeans(splits, bits: int, seed: int, preset: str) -> dict:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    from wish_tf.vectorizer import fit_vectorizer

    started = time.monotonic()
    vectorizer, rows = fit_vectorizer(splits.train.texts)
    lsa = TruncatedSVD(100, random_state=seed)
    known = normalize(lsa.fit_transform(rows))
    clusters = KMeans(2**bits, n_init=3, random_state=seed).fit(known)
    seconds = time.monotonic() - started
    centroids = normalize(clusters.cluster_centers_)
    result = {"train_seconds": round(seconds, 1)}
    for field, part in (
        ("validation_precision_at_100", splits.validation),
        ("precision_at_100", splits.test),
    ):
        asked = normalize(lsa.transform(vectorizer.transform(part.texts)))
        own = clusters.predict(asked)
        relevant = shares_a_label(part.labels, splits.train.labels)
        result[field] = float(
            np.mean(
                [
                    precision_of_ranked_clusters(
                        centroids @ centroids[cluster], clusters.labels_, row
                    )
                    for cluster, row in zip(own, relevant, strict=True)
                ]
            )
        )
    return result


def shares_a_label(queries, database) -> np.ndarray:
    """Whether query and document have a label in common, bool [q, n]."""
    names = {name for labels in [*queries, *database] for name in labels}
    place = {name: i for i, name in enumerate(sorted(names))}

    def multi_hot(documents) -> np.ndarray:
        hot = np.zeros((len(documents), len(place)), np.float32)
        for row, labels in zip(hot, documents, strict=True):
            row[[place[name] for name in labels]] = 1
        return hot

    return multi_hot(queries) @ multi_hot(database).T > 0


def precision_of_ranked_clusters(
    similarity: np.ndarray, cluster_of: np.ndarray, relevant: np.ndarray
) -> float:
    """Prec@100 of one query that takes whole clusters, the most similar first,
    and of the last one its relevant share."""
    n = len(similarity)
    sizes = np.bincount(cluster_of, minlength=n)
    hits = np.bincount(cluster_of, weights=relevant, minlength=n)
    order = np.argsort(-similarity, kind="stable")
    before = np.cumsum(sizes[order]) - sizes[order]
    taken = np.clip(K - before, 0, sizes[order])
    share = hits[order] / np.maximum(sizes[order], 1)
    return float((taken * share).sum() / K)


def table(lines: list[dict]) -> str:
    """Returns a Markdown table: test Prec@100, mean ± deviation of the seeds."""
    bits = sorted({line["bits"] for line in lines})
    rows = [
        "| corpus | preset | " + " | ".join(f"{b} bits" for b in bits) + " | s |",
        "|---|---|" + "---|" * (len(bits) + 1),
    ]
    for corpus, preset in sorted({(line["corpus"], line["preset"]) for line in lines}):
        chosen = [
            line
            for line in lines
            if (line["corpus"], line["preset"]) == (corpus, preset)
        ]
        cells = []
        for length in bits:
            values = [
                line["precision_at_100"] for line in chosen if line["bits"] == length
            ]
            cells.append(cell(values))
        seconds = np.median([line["train_seconds"] for line in chosen])
        rows.append(f"| {corpus} | {preset} | {' | '.join(cells)} | {seconds:.0f} |")
    return "\n".join(rows)


def ablations(lines: list[dict]) -> str:
    """Returns a Markdown table: what leaving one thing out of the default does to the
    test precision, mean ± deviation over the seeds that both were run with."""
    found = {key(line): line["precision_at_100"] for line in lines}
    columns = [(c, b) for c in ("20newsgroups", "reuters") for b in (4, 8)]
    heads = " | ".join(f"{corpus}, {bits} bits" for corpus, bits in columns)
    rows = [f"| without | {heads} |", "|---|" + "---|" * len(columns)]
    for name in ABLATIONS:
        cells = []
        for corpus, bits in columns:
            differences = [
                precision - found["default", corpus, bits, seed]
                for (preset, *of, seed), precision in found.items()
                if (preset, *of) == (name, corpus, bits)
            ]
            cells.append(cell(differences, sign="+"))
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def cell(values: list[float], sign: str = "") -> str:
    if not values:
        return ""
    spread = f" ± {np.std(values):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):{sign}.3f}{spread} ({len(values)})"


def goals(lines: list[dict]) -> str:
    """Returns a Markdown table of the default recipe beside what it is to reach."""

    def mean(preset: str, corpus: str, bits: int) -> str:
        wanted = (preset, corpus, bits)
        values = [
            line["precision_at_100"]
            for line in lines
            if (line["preset"], line["corpus"], line["bits"]) == wanted
        ]
        return f"{np.mean(values):.3f}" if values else ""

    rows = [
        "| corpus | bits | default | goal | difference | k-means | paper |",
        "|---|---|---|---|---|---|---|",
    ]
    for corpus, wanted in GOALS.items():
        for bits, goal, paper in zip(BITS, wanted, PAPER[corpus], strict=True):
            reached = mean("default", corpus, bits)
            difference = f"{float(reached) - goal:+.3f}" if reached else ""
            rows.append(
                f"| {corpus} | {bits} | {reached} | {goal} | {difference} "
                f"| {mean(KMEANS, corpus, bits)} | {paper} |"
            )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
