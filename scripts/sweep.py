"""Trains many hashers and keeps one JSON line a run; goes on where it stopped.

    python scripts/sweep.py run --corpora 20newsgroups reuters --bits 4 8 --seeds 0 1 2
    python scripts/sweep.py run --corpora reuters --bits 8 16 32 64 --cut
    python scripts/sweep.py table          # print the tables
    python scripts/sweep.py docs           # write them into docs/recipe.md, README.md,
                                           # and draw docs/pictures/quality.svg

`run` adds what is not yet in the results, with all measures of the package
(`wish_tf/metrics/yardstick.py`) on the test texts and, with `validation_` before their
names, on the validation texts. With `--cut` there is one training of the longest of
`--bits`, whose first bits are the shorter codes; `--topic-models` adds those of LDA and
NMF with eight topics to the lines of the shortest. `--presets` are those of the
package, ablations of the default (each leaves one thing out), `taught`: the default
with the embeddings of the sentence encoder of `wish-tf[encoder]` as its teacher,
`itq`, `lsh` and `sth` of `baselines`, and `kmeans`: 2^bits clusters of an
LSA-100 space, searched by the cosine of the centroids, the bar below which a few-bit
hash has no reason to exist (it gets no codes, and so is an upper bound for any way to
give the clusters codes). No run uses a label but to
measure; the epoch is the best by the objective on the validation texts, as in
`wish-tf train`. 20 Newsgroups is split as `reference`, the others at random by
seed 0, so seeds differ in the training alone. `agnews@8` is that corpus with the
first 8 words of each text.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from marks import write_between_marks
from reproduction.prepared_corpus import PreparedCorpus
from result_lines import append, read
from wish_tf.codes import NAMED_BITS
from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.metrics import Retrieval, code_statistics
from wish_tf.metrics.label_relevance import label_relevance
from wish_tf.metrics.topic_models import topic_models
from wish_tf.metrics.yardstick import MEASURES, precisions
from wish_tf.recipes import DEFAULT, PRESETS, NestedCodes

KMEANS = "kmeans"
TAUGHT = "taught"
RIVALS = ("itq", "lsh", "sth")
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


# Each changes one setting of the default.
ABLATIONS = {
    "one-decoder": "strategy.space.decoders=1",
    "no-flips": "strategy.space.annealing.flip=[0, 0]",
    "no-prior": "strategy.space.annealing.prior=0",
    "no-heating": "strategy.space.annealing.beta=[8, 8]",
    "no-lsa": "strategy.space.lsa_weight=0",
    "any-bits-on": "strategy.topics.search.most_on=8",
    "no-descent": "strategy.books.sweeps=0",
}
RECIPES = {
    **PRESETS,
    TAUGHT: DEFAULT,
    **{name: DEFAULT.assigned(setting) for name, setting in ABLATIONS.items()},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "table", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["python-docs-labelled"])
    parser.add_argument("--bits", nargs="+", type=int, default=list(BITS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument(
        "--presets", nargs="+", default=["default"], choices=[*RECIPES, *RIVALS, KMEANS]
    )
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--topic-models", action="store_true")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--results", type=Path, default=Path("results/sweep.jsonl"))
    args = parser.parse_args()
    if args.action == "table":
        lines = read(args.results)
        print(table(lines), measures(lines), sep="\n\n")
        return
    if args.action == "docs":
        lines = read(args.results)
        page = ROOT / "docs" / "recipe.md"
        named = [line for line in lines if line["preset"] not in ABLATIONS]
        sweep = {"sweep": table(named)}
        draw(lines, ROOT / "docs" / "pictures" / "quality.svg")
        others = {
            "ablations": ablations(lines),
            "goals": goals(lines),
            "measures": measures([x for x in named if x["preset"] == "default"]),
        }
        write_between_marks(page, sweep | others)
        write_between_marks(ROOT / "README.md", {"quality": quality(lines)})
        return
    try:
        run(args)
    except InputError as error:  # a corpus that is not there, or too small a one
        raise SystemExit(f"sweep.py: error: {error}") from None


def run(args: argparse.Namespace) -> None:
    """Adds the lines that the results do not have yet."""
    done = {key(line) for line in read(args.results)}
    bits = sorted(args.bits)
    for name in args.corpora:
        corpus = None
        for seed, preset, lengths in itertools.product(
            args.seeds, args.presets, [bits] if args.cut else [[b] for b in bits]
        ):
            if args.cut and preset in (KMEANS, *RIVALS):
                raise InputError(
                    f"expected a preset whose codes can be cut; got {preset}"
                )
            lines = [
                {"preset": preset, "corpus": name, "bits": length, "seed": seed}
                | ({"cut_from": lengths[-1]} if length < lengths[-1] else {})
                for length in lengths
            ]
            if all(key(line) in done for line in lines):
                continue
            corpus = corpus or PreparedCorpus.load(name, args.data_dir)
            started = time.monotonic()
            measure = {KMEANS: kmeans, **dict.fromkeys(RIVALS, rival)}.get(
                preset, train
            )
            for line, measured in zip(
                lines, measure(corpus, lengths, seed, preset), strict=True
            ):
                line |= measured
                line["seconds"] = round(time.monotonic() - started, 1)
                line["labels_used_for"] = "measuring"
                if args.topic_models and line is lines[0]:
                    line["topic_models"] = topic_models(
                        corpus.yardsticks["test"], line["bits"], line["share_on"], seed
                    )
                if key(line) in done:
                    continue
                append(args.results, line)
                print(json.dumps(line), flush=True)


def key(line: dict) -> tuple:
    of = tuple(line[name] for name in ("preset", "corpus", "bits", "seed"))
    return (*of, line.get("cut_from"))


def train(
    corpus: PreparedCorpus, lengths: Sequence[int], seed: int, preset: str
) -> Iterator[dict]:
    """Trains a hasher of the last of some lengths, and measures its first bits.

    Yields:
        What was measured of each length, in their order; validation by the same names
        with `validation_` before them.
    """
    from wish_tf.callbacks import BestEpoch
    from wish_tf.text_hasher import TextHasher
    from wish_tf.training import FitOptions

    started = time.monotonic()
    best = BestEpoch()
    splits = corpus.splits
    hasher = TextHasher(lengths[-1], recipe=RECIPES[preset], seed=seed).fit(
        splits.train.texts,
        embeddings=teacher(corpus) if preset == TAUGHT else None,
        validation_texts=splits.validation.texts,
        options=FitOptions(callbacks=[best]),
    )
    seconds = time.monotonic() - started
    known = hasher.transform(splits.train.texts)
    asked = {
        name: hasher.transform(getattr(splits, name).texts)
        for name in corpus.yardsticks
    }
    for bits in lengths:
        codes = known[:, :bits]
        measured = {
            name: by.measures(codes, asked[name][:, :bits])
            for name, by in corpus.yardsticks.items()
        }
        yield {
            **measured["test"],
            **{f"validation_{name}": v for name, v in measured["validation"].items()},
            "dead_bits": code_statistics(codes).dead_bits,
            "epoch": best.epoch,
            "train_seconds": round(seconds, 1),
        }


@cache
def teacher(corpus: PreparedCorpus) -> np.ndarray:
    """Returns the sentence encoder's embeddings of the training texts, [n, 384]."""
    from baselines import SentenceEncoder

    return SentenceEncoder.embed(corpus.splits.train.texts)


def rival(
    corpus: PreparedCorpus, lengths: Sequence[int], seed: int, preset: str
) -> Iterator[dict]:
    """Trains another method for the last of some lengths, and measures its codes."""
    from baselines import METHODS

    started = time.monotonic()
    method = METHODS[preset](lengths[-1], seed=seed)
    known = method.fit_transform(corpus.train, corpus.validation)
    seconds = time.monotonic() - started
    result = {"train_seconds": round(seconds, 1)}
    for prefix, name in (("", "test"), ("validation_", "validation")):
        asked = method.transform(getattr(corpus, name))
        measured = corpus.yardsticks[name].measures(known, asked)
        result |= {prefix + field: value for field, value in measured.items()}
    yield result


def kmeans(
    corpus: PreparedCorpus, lengths: Sequence[int], seed: int, preset: str
) -> Iterator[dict]:
    """Finds 2^bits clusters, for the last of some lengths, and ranks them by cosine."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    started = time.monotonic()
    lsa = TruncatedSVD(100, random_state=seed)
    known = normalize(lsa.fit_transform(corpus.train))
    clusters = KMeans(2 ** lengths[-1], n_init=3, random_state=seed).fit(known)
    seconds = time.monotonic() - started
    centroids = normalize(clusters.cluster_centers_)
    result = {"train_seconds": round(seconds, 1)}
    for prefix, name in (("", "test"), ("validation_", "validation")):
        own = clusters.predict(normalize(lsa.transform(getattr(corpus, name))))
        found = ranked_clusters(
            centroids @ centroids.T,
            own,
            getattr(corpus.splits, name).labels,
            clusters.labels_,
            corpus.splits.train.labels,
        )
        measured = precisions(found)
        result |= {prefix + field: float(v.mean()) for field, v in measured.items()}
    yield result


def ranked_clusters(
    similarity: np.ndarray,
    own: np.ndarray,
    query_labels,
    cluster_of: np.ndarray,
    labels,
) -> Retrieval:
    """Returns what queries find that take whole clusters, the most similar first.

    Args:
        similarity: of clusters, [m, m].
        own: cluster of each query, [q].
        query_labels: theirs.
        cluster_of: of the documents, [n].
        labels: theirs.
    """
    query_sets, sets, relevant = label_relevance(query_labels, labels)
    sizes = np.bincount(cluster_of, minlength=len(similarity))
    order = np.argsort(-similarity, axis=1, kind="stable")[own]
    wanted = relevant.toarray()
    hits = np.array(
        [
            np.bincount(cluster_of, row[sets], minlength=len(sizes)).astype(int)
            for row in wanted
        ]
    )
    return Retrieval(sizes[order], hits[query_sets[:, np.newaxis], order])


def table(lines: list[dict]) -> str:
    """Returns a Markdown table: test Prec@100, mean ± deviation of the seeds."""
    bits = sorted({line["bits"] for line in lines})
    rows = [
        "| corpus | preset | " + " | ".join(f"{b} bits" for b in bits) + " | s |",
        "|---|---|" + "---|" * (len(bits) + 1),
    ]
    for corpus, preset in sorted({row_of(line) for line in lines}):
        chosen = [line for line in lines if row_of(line) == (corpus, preset)]
        cells = [
            cell(values(chosen, "precision_at_100", bits=length)) for length in bits
        ]
        # Of what ran beside other work the time is not kept.
        seconds = [x["train_seconds"] for x in chosen if "train_seconds" in x]
        cells.append(f"{np.median(seconds):.0f}" if seconds else "")
        rows.append(f"| {corpus} | {preset} | {' | '.join(cells)} |")
    return "\n".join(rows)


def quality(lines: list[dict]) -> str:
    """Returns the README's table: the default at three lengths, and the bar."""
    columns = [(bits, k) for bits in (8, 16, 64) for k in (10, 100)]
    head = [f"{bits} bits: P@{k}" for bits, k in columns]
    rows = [
        f"| corpus | {' | '.join(head)} | 256-means: P@100 |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for corpus in sorted({x["corpus"] for x in lines if x["preset"] == "default"}):
        of = [line for line in lines if line["corpus"] == corpus]
        found = [
            values(of, f"precision_at_{k}", preset="default", bits=bits)
            for bits, k in columns
        ]
        found.append(values(of, "precision_at_100", preset=KMEANS, bits=8))
        cells = (f"{np.mean(each):.3f}" if each else "" for each in found)
        rows.append(f"| {corpus} | {' | '.join(cells)} |")
    return "\n".join(rows)


def draw(lines: list[dict], path: Path) -> None:
    """Draws Prec@10 and Prec@100 against bits, for the default and its rivals."""
    from reproduction.pictures import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    of = [line for line in lines if line["corpus"] == "20newsgroups"]
    for axis, k in zip(axes, (10, 100), strict=True):
        for preset in ("default", *RIVALS):
            points = [
                (bits, np.mean(found))
                for bits in (8, 16, 32, 64)
                if (found := values(of, f"precision_at_{k}", preset=preset, bits=bits))
            ]
            name = "wish_tf" if preset == "default" else preset.upper()
            if points:
                axis.plot(*zip(*points, strict=True), marker="o", label=name)
        axis.set(xlabel="bits", ylabel=f"Prec@{k}", ylim=(0, 0.85), xscale="log")
        axis.set_xticks([8, 16, 32, 64], ["8", "16", "32", "64"])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].legend(loc="lower right")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    pyplot.close(figure)


def measures(lines: list[dict]) -> str:
    """Returns a Markdown table: means over the seeds of all measures on the test texts.
    What was not measured is left empty."""
    rows = [
        "| corpus | preset | bits | " + " | ".join(MEASURES.values()) + " |",
        "|---|---|---|" + "---|" * len(MEASURES),
    ]
    for corpus, preset, bits in sorted({(*row_of(x), x["bits"]) for x in lines}):
        chosen = [line for line in lines if row_of(line) == (corpus, preset)]
        cells = []
        for name in MEASURES:
            found = values(chosen, name, bits=bits)
            form = ".0f" if name == "distinct_codes" else ".3f"
            cells.append(format(np.mean(found), form) if found else "")
        rows.append(f"| {corpus} | {preset} | {bits} | {' | '.join(cells)} |")
    return "\n".join(rows)


def row_of(line: dict) -> tuple[str, str]:
    """The corpus and the preset of a line; codes that are cut stand by themselves, but
    for nested ones, which are those of a run of their length."""
    cut = "" if is_run(line) else f", first of {line['cut_from']} bits"
    return line["corpus"], line["preset"] + cut


def is_run(line: dict) -> bool:
    """Whether a line is that of a run of its length."""
    if "cut_from" not in line:
        return True
    strategy = RECIPES[line["preset"]].strategy
    return isinstance(strategy, NestedCodes) and line["bits"] >= NAMED_BITS


def values(lines: list[dict], name: str, **wanted) -> list[float]:
    """Returns what lines with given values have of a measure, where it was measured."""
    return [
        line[name]
        for line in lines
        if wanted.items() <= line.items() and line.get(name) is not None
    ]


def ablations(lines: list[dict]) -> str:
    """Returns a Markdown table: what leaving one thing out of the default does to the
    test precision, mean ± deviation over the seeds that both were run with."""
    found = {key(line)[:-1]: line["precision_at_100"] for line in lines if is_run(line)}
    columns = [(c, b) for c in ("20newsgroups", "reuters") for b in (8, 16)]
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


def cell(found: list[float], sign: str = "") -> str:
    if not found:
        return ""
    spread = f" ± {np.std(found):.3f}" if len(found) > 1 else ""
    return f"{np.mean(found):{sign}.3f}{spread} ({len(found)})"


def goals(lines: list[dict]) -> str:
    """Returns a Markdown table of the default recipe beside what it is to reach."""

    def mean(preset: str, corpus: str, bits: int) -> str:
        whole = [line for line in lines if row_of(line) == (corpus, preset)]
        found = values(whole, "precision_at_100", bits=bits)
        return f"{np.mean(found):.3f}" if found else ""

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
