"""Measures hashing through the space beside an encoder that learned its codes.

    python scripts/space_or_encoder.py run --corpora reuters 20newsgroups --seeds 0
    python scripts/space_or_encoder.py docs

A hasher of 64 bits is trained by the default recipe. Then the encoder of `WISH`, with
two hidden layers, learns its codes from the same rows, ten epochs with a fifth of the
words left out. Both hash the training texts and the test texts. What is measured of
each:

    Prec@10, Prec@100   of the first 16 bits and of 64, the same coder for both sides
    fidelity            of the named bits, whose words are found for each coder
    kept                share of the bits of test texts that stay as they are when a
                        fifth of the words is left out
    unsure              the chance that a bit that changes has a probability nearer to
                        1/2 than one that stays
    us                  a text alone, and each of 64: rows to probabilities, one thread,
                        both in turn, the median
    MB, s               its weights, and its training

It uses one core for all times. Adds what is not yet in the results.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import roc_auc_score

from marks import write_between_marks
from reproduction.prepared_corpus import PreparedCorpus
from result_lines import append, read
from wish_tf.data import as_sparse_rows, csr_dataset
from wish_tf.layers import BernoulliEncoder
from wish_tf.text_hasher import TextHasher
from wish_tf.types import Csr

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "space_or_encoder.jsonl"
BITS, CUT = 64, 16
UNITS, EPOCHS, WORD_DROPOUT = (1024, 512), 10, 0.2
ROUNDS = 300
COLUMNS = {
    "16: P@10": "precision_at_10_16",
    "P@100": "precision_at_100_16",
    "64: P@10": "precision_at_10_64",
    "P@100 ": "precision_at_100_64",
    "fidelity": "fidelity",
    "kept": "kept",
    "unsure": "unsure",
    "us, 1 text": "us_1",
    "us, 64": "us_64",
    "MB": "megabytes",
    "s": "seconds",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["reuters", "20newsgroups"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    if args.action == "docs":
        page = ROOT / "docs" / "recipe.md"
        write_between_marks(page, {"space or encoder": table(read(RESULTS))})
        return
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    done = {(line["corpus"], line["seed"]) for line in read(RESULTS)}
    for name in args.corpora:
        corpus = None
        for seed in args.seeds:
            if (name, seed) in done:
                continue
            corpus = corpus or PreparedCorpus.load(name, args.data_dir)
            line = {"corpus": name, "seed": seed, **measure(corpus, seed)}
            append(RESULTS, line)
            print(json.dumps(line), flush=True)


def measure(corpus: PreparedCorpus, seed: int) -> dict[str, dict[str, float]]:
    """Returns what was measured of the space and of the encoder."""
    rows = corpus.train
    started = time.monotonic()
    space = TextHasher(BITS, seed=seed).fit(corpus.splits.train.texts).model_.coder
    trained = time.monotonic()
    codes = space.encode(rows)
    encoder = learned(rows, codes, seed)
    seconds = {"space": trained - started, "encoder": time.monotonic() - trained}
    coders = {"space": space, "encoder": encoder}
    found = {}
    for name, coder in coders.items():
        known, asked = (probabilities(coder, each) for each in (rows, corpus.test))
        fewer = probabilities(coder, without_some(corpus.test, seed))
        values = corpus.yardsticks["test"].measures(known > 0.5, asked > 0.5)
        cut = corpus.yardsticks["test"].measures(
            known[:, :CUT] > 0.5, asked[:, :CUT] > 0.5
        )
        changed = ((asked > 0.5) != (fewer > 0.5)).ravel()
        found[name] = {
            **{
                f"precision_at_{k}_{bits}": of[f"precision_at_{k}"]
                for bits, of in ((BITS, values), (CUT, cut))
                for k in (10, 100)
            },
            "fidelity": values["fidelity"],
            "kept": float(1 - changed.mean()),
            "unsure": float(roc_auc_score(changed, -abs(asked - 0.5).ravel())),
            "megabytes": sum(each.numpy().nbytes for each in coder.weights) / 1e6,
            "seconds": seconds[name],
        }
    for texts in (1, 64):
        taken = times(coders, as_sparse_rows(corpus.test[:texts]))
        for name, seconds_taken in taken.items():
            found[name][f"us_{texts}"] = seconds_taken / texts * 1e6
    return found


def learned(rows: Csr, codes: np.ndarray, seed: int) -> BernoulliEncoder:
    """Returns an encoder that was trained to give these codes."""
    encoder = BernoulliEncoder(BITS, UNITS, word_dropout=WORD_DROPOUT, seed=seed)
    model = keras.Sequential([encoder])
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
    batches = csr_dataset(
        rows, 100, shuffle=True, seed=seed, targets=codes.astype(np.float32)
    )
    model.fit(batches, epochs=EPOCHS, verbose=0)
    return encoder


def without_some(rows: Csr, seed: int) -> Csr:
    """Returns rows with a fifth of their words left out, of length 1 again."""
    from sklearn.preprocessing import normalize

    fewer = rows.copy()
    kept = np.random.default_rng(seed).random(fewer.nnz) >= WORD_DROPOUT
    fewer.data = np.where(kept, fewer.data, 0).astype(np.float32)
    fewer.eliminate_zeros()
    return normalize(fewer)


def probabilities(coder: Callable, rows: Csr) -> np.ndarray:
    graph = tf.function(coder, reduce_retracing=True)
    return np.concatenate([graph(batch).numpy() for batch in csr_dataset(rows, 1000)])


def times(coders: dict[str, Callable], rows: tf.SparseTensor) -> dict[str, float]:
    """Returns the median seconds of a call of each coder, which take turns."""
    graphs = {name: tf.function(coder) for name, coder in coders.items()}
    taken: dict[str, list[float]] = {name: [] for name in graphs}
    for turn in range(ROUNDS + 10):
        for name, graph in graphs.items():
            started = time.perf_counter()
            graph(rows).numpy()
            if turn >= 10:
                taken[name].append(time.perf_counter() - started)
    return {name: median(each) for name, each in taken.items()}


def table(lines: list[dict[str, Any]]) -> str:
    rows = [
        f"| corpus | hashed by | {' | '.join(map(str.strip, COLUMNS))} |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for corpus in sorted({line["corpus"] for line in lines}):
        of = [line for line in lines if line["corpus"] == corpus]
        for way in ("space", "encoder"):
            cells = (
                shown(np.mean([line[way][field] for line in of]))
                for field in COLUMNS.values()
            )
            rows.append(f"| {corpus} ({len(of)}) | {way} | {' | '.join(cells)} |")
    return "\n".join(rows)


def shown(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.0f}"


if __name__ == "__main__":
    main()
