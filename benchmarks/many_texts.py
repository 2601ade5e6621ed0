"""What training on very many short texts costs, and what the codes are worth.

    python benchmarks/many_texts.py                  # 10^5 and 10^6 texts
    python benchmarks/many_texts.py --sizes 10000000 # an hour, 8 GB
    python benchmarks/many_texts.py --samples 10000 30000 300000   # of 10^6 texts
    python benchmarks/many_texts.py --spark          # also by Spark's local[2]
    python benchmarks/many_texts.py --table          # only write docs/scale.md anew

The texts are those of `short_texts.py`, with 16 bits. Each step is a process; its
seconds are by the clock, its memory is the most that it held. Quality is that of 1,000
of the texts among all others: P@10 by their source, and how many of the true 10 nearest
(cosine of tf-idf, among 100,000 texts) are among the first 1,000 of these by code. ITQ
and k-means (2^12 clusters) are fitted to the same sample. `hash` is `wish-tf hash` with
all cores, beside `transform` of scikit-learn's `TfidfVectorizer` on the same texts, in
turn. `--spark` trains by `wish-tf spark-train`, compares vocabulary and idf with those
that `wish-tf train` counts, and the codes with those of a training on the drawn sample
without Spark. Adds lines to `results/many_texts.jsonl`, and writes the table of
docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from generated_page import write_between_marks
from short_texts import make_short_texts
from wish_tf.files import replacing
from worker_output import quiet

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "many_texts.jsonl"
PAGE = ROOT / "docs" / "scale.md"
BITS, CLUSTER_BITS, SAMPLE = 16, 12, 100_000
QUERIES, NEAREST, HASHED = 1000, 100_000, 200_000
SPARK = "`spark-train`, local[2]"
SHOWN = {
    "what": "",
    "texts": "texts",
    "cores": "cores",
    "seconds": "s",
    "gigabytes": "memory, GB",
    "codes": "codes in use",
    "entropy": "their entropy, bits",
    "largest": "largest bucket",
    "precision_at_10": "P@10",
    "recall": "true 10 among 1,000",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--samples", type=int, nargs="+", default=[])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--work", type=Path, default=Path("runs/many"))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        measure_codes(args.worker[0], Path(args.worker[1]), Path(args.worker[2]))
        return
    if not args.table:
        args.work.mkdir(parents=True, exist_ok=True)
        for size in args.sizes:
            measure(size, args)
    write_between_marks(PAGE, {"many": table()})


def measure(size: int, args: argparse.Namespace) -> None:
    """Makes the texts, and runs the steps that are not in the results."""
    texts, run = args.work / f"{size}.jsonl", args.work / str(size)
    if not texts.exists():
        make_short_texts(size, texts, args.data_dir)
    train = ["wish-tf", "train", str(texts), "--bits", str(BITS)]
    labelled = ["--label-field", "label", "--force", "--json", "--out"]
    for sample in (SAMPLE, *args.samples):
        name = "default" if sample == SAMPLE else f"default, sample of {sample:,}"
        out = run if sample == SAMPLE else Path(f"{run}-{sample}")
        if not is_done(name, size):
            setting = ["--set", f"strategy.sample={sample}"]
            cost = cost_of([*train, *setting, *labelled, str(out)])
            add({"what": name, "texts": size, **cost, **codes_of(name, texts, out)})
    if args.spark and not is_done(SPARK, size):
        add({"what": SPARK, "texts": size, **by_spark(texts, args.work / f"{size}-s")})
    for name in ("ITQ", "k-means"):
        if not is_done(name, size) and size <= 1_000_000:
            add({"what": name, "texts": size, **codes_of(name, texts, run)})
    if not is_done("hash", size) and size >= HASHED:
        add({"what": "hash", "texts": HASHED, **hash_speed(texts, run, args.work)})


def is_done(what: str, size: int) -> bool:
    size = HASHED if what == "hash" else size
    return any(line["what"] == what and line["texts"] == size for line in lines())


def lines() -> list[dict]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text().splitlines()]


def add(line: dict) -> None:
    cores = len(os.sched_getaffinity(0))
    line = {**line, "date": date.today().isoformat(), "cores": cores}
    print(json.dumps(line), flush=True)
    content = "".join(json.dumps(each) + "\n" for each in [*lines(), line])
    with replacing(RESULTS) as temporary:
        temporary.write_text(content)


def cost_of(command: list[str], **options) -> dict:
    """Runs a command; returns its seconds and the most memory that it held."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=quiet(), stdout=subprocess.DEVNULL, **options
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    seconds = time.monotonic() - started
    return {
        "seconds": round(seconds, 1),
        "gigabytes": round(used.ru_maxrss / 1e6, 2),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
    }


def by_spark(texts: Path, run: Path) -> dict:
    """Trains by Spark; returns what it costs and whether one machine has the same."""
    from dataclasses import asdict

    from wish_tf.layers import TfidfVectorization
    from wish_tf.runs import RunFolder, TrainConfig

    bits = ["--bits", str(BITS), "--force"]
    train = ["wish-tf", "spark-train", str(texts), "--master", "local[2]", *bits]
    cost = cost_of([*train, "--label-field", "label", "--out", str(run)])
    drawn, again = Path(f"{run}-spark"), Path(f"{run}-again")
    counts = ["--counts", str(drawn / "counts.parquet"), "--label-field", "labels"]
    sample = str(drawn / "sample.parquet")
    cost_of(["wish-tf", "train", sample, *counts, *bits, "--out", str(again)])
    ours, other = (RunFolder(folder).hasher() for folder in (run, again))
    terms = TrainConfig.from_json(RunFolder(run).config()).terms
    here = TfidfVectorization(**asdict(terms))
    with texts.open(encoding="utf-8") as file:
        here.learn(here.count_texts(json.loads(line)["text"] for line in file))
    there = ours.vectorization_
    with texts.open(encoding="utf-8") as file:
        some = [json.loads(line)["text"] for line in islice(file, HASHED)]
    equal = (ours.transform(some) == other.transform(some)).all()
    return {
        **cost,
        "equal_words": here.vocabulary == there.vocabulary
        and bool((here.idf_weights == there.idf_weights).all()),
        "equal_codes": bool(equal),
    }


def codes_of(name: str, texts: Path, run: Path) -> dict:
    """Returns what codes are worth; by a process, which takes its memory with it."""
    command = [sys.executable, __file__, "--worker", name, str(texts), str(run)]
    done = subprocess.run(command, env=quiet(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure_codes(name: str, path: Path, run: Path) -> None:
    """Prints what the codes of a run, or of a baseline, are worth."""
    from baselines import ITQ, KMeansHash
    from wish_tf.data.nearest import nearest_graph
    from wish_tf.metrics import Retrieval, code_statistics
    from wish_tf.runs import RunFolder

    hasher = RunFolder(run).hasher()
    texts, labels = [], []
    with path.open(encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            texts.append(document["text"])
            labels.append(document["label"])
    rows = None
    if name.startswith("default"):
        codes = hasher.transform(texts)
    else:
        rows = hasher.rows(texts)
        filled = np.flatnonzero(np.diff(rows.indptr))
        random = np.random.default_rng(0)
        sample = rows[np.sort(random.choice(filled, min(SAMPLE, len(filled)), False))]
        model = ITQ(BITS) if name == "ITQ" else KMeansHash(CLUSTER_BITS)
        model.fit(sample)
        codes = np.concatenate(
            [
                model.transform(rows[start : start + SAMPLE])
                for start in range(0, len(texts), SAMPLE)
            ]
        )
    random = np.random.default_rng(5)
    order = random.permutation(len(texts))
    asked, others = order[:QUERIES], order[QUERIES:]
    by_label = Retrieval.by_labels(
        codes[asked],
        [labels[i] for i in asked],
        codes[others],
        [labels[i] for i in others],
    )
    some = others[:NEAREST]
    if rows is None:
        some_rows = hasher.rows([texts[i] for i in some])
        asked_rows = hasher.rows([texts[i] for i in asked])
    else:
        some_rows, asked_rows = rows[some], rows[asked]
    near = nearest_graph(asked_rows, some_rows, 10)
    by_words = Retrieval.by_graph(codes[asked], codes[some], near)
    statistics = code_statistics(codes)
    numbers = np.packbits(codes, axis=1)
    _, sizes = np.unique(numbers, axis=0, return_counts=True)
    result = {
        "codes": statistics.distinct_codes,
        "entropy": round(float(statistics.code_entropy), 2),
        "largest": round(float(sizes.max() / len(codes)), 5),
        "precision_at_10": round(float(by_label.precisions(10).mean()), 4),
        "recall": round(float(np.nanmean(by_words.recalls(1000))), 4),
    }
    print(json.dumps(result))


def hash_speed(texts: Path, run: Path, work: Path) -> dict:
    """Returns texts a second of `wish-tf hash` and of scikit-learn's `transform`.

    Starting and reading the model is taken off: it is what hashing one text takes.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    from wish_tf.runs import RunFolder

    with texts.open(encoding="utf-8") as file:
        lines_ = [json.loads(line)["text"] for line in islice(file, HASHED)]
    plain, one, model = work / "hashed.txt", work / "one.txt", work / "model"
    plain.write_text("".join(line + "\n" for line in lines_), "utf-8")
    one.write_text(lines_[0] + "\n", "utf-8")
    if not model.exists():
        cost_of(["wish-tf", "export", str(run), str(model)])
    vectorizer = TfidfVectorizer(
        stop_words="english", vocabulary=RunFolder(run).hasher().vocabulary
    )
    vectorizer.fit(lines_[:1000])
    ours, theirs = [], []
    for _ in range(3):
        whole = cost_of(["wish-tf", "hash", str(model), str(plain)])["seconds"]
        start = cost_of(["wish-tf", "hash", str(model), str(one)])["seconds"]
        ours.append(whole - start)
        started = time.monotonic()
        vectorizer.transform(lines_)
        theirs.append(time.monotonic() - started)
    return {
        "texts_a_second": round(HASHED / min(ours)),
        "scikit_learn_texts_a_second": round(HASHED / min(theirs)),
    }


def table() -> str:
    """The tables, in Markdown."""
    found = lines()
    trained = [line for line in found if line["what"] != "hash"]
    rows = [
        "| " + " | ".join(SHOWN.values()) + " |",
        "|" + "---|" * len(SHOWN),
    ]
    for line in sorted(trained, key=lambda each: (each["texts"], each["what"])):
        cells = []
        for name in SHOWN:
            value = line.get(name, "")
            if name == "largest" and value != "":
                value = f"{value:.2%}"
            elif isinstance(value, int):
                value = f"{value:,}"
            cells.append(str(value))
        rows.append("| " + " | ".join(cells) + " |")
    dates = sorted({line["date"] for line in found})
    said = [f"Measured {dates[0]} to {dates[-1]}.", ""]
    for line in found:
        if line["what"] == SPARK:
            equal = all(line[name] for name in ("equal_words", "equal_codes"))
            rows += [
                "",
                f"Spark, {line['texts']:,} texts: vocabulary, idf and, from the same "
                f"sample, codes are {'' if equal else 'NOT '}those of one machine.",
            ]
        if line["what"] == "hash":
            rows += [
                "",
                f"`wish-tf hash`: {line['texts_a_second']:,} texts a second with "
                f"{line['cores']} cores, codes included; scikit-learn's `transform`, "
                f"one core, tf-idf alone: {line['scikit_learn_texts_a_second']:,}.",
            ]
    return "\n".join([*said, *rows])


if __name__ == "__main__":
    main()
