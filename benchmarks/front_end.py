"""How fast texts become rows, beside scikit-learn and an earlier version of the layer.

    taskset -c 0 python benchmarks/front_end.py --data-dir DIR
    taskset -c 0 python benchmarks/front_end.py --data-dir DIR --old f28d0bb

Learning a vocabulary with the rows of 20 Newsgroups, on one thread, and the graph from
strings to rows for one text and for 256. `--old` takes the layer of that commit out of
the repository, which must still be learnt by scikit-learn. All ways take turns, and the
best of the rounds counts: on a busy machine compare the ratios only.
"""

from __future__ import annotations

import argparse
import subprocess
import time
import types
from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

from wish_tf.corpora import load_corpus
from wish_tf.layers import TfidfVectorization

SETTINGS = {"stop_words": "english", "min_df": 3, "max_df": 0.9}
SIZES = {1: 2000, 256: 8}  # texts a call, calls a round


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-dir")
    parser.add_argument("--documents", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--old", metavar="COMMIT")
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    corpus = load_corpus("20newsgroups", data_dir=args.data_dir, limit=args.documents)
    texts = corpus.texts
    layer, oracle = TfidfVectorization(), TfidfVectorizer(**SETTINGS)
    fits = {
        "scikit-learn, fit_transform": lambda: oracle.fit_transform(texts),
        "TfidfVectorization.adapt": lambda: layer.adapt(texts),
    }
    report(f"{len(texts)} texts learned", best(fits, args.rounds))
    graphs = {"this version": graph(layer)}
    if args.old:
        graphs = {args.old: graph(old_layer(args.old, oracle)), **graphs}
    for size, calls in SIZES.items():
        batches = [
            tf.constant(texts[i * size % 10_000 :][:size])
            for i in range(min(calls, len(texts) // size))
        ]
        ways = {
            name: lambda run=run, batches=batches: [run(batch) for batch in batches]
            for name, run in graphs.items()
        }
        seconds = best(ways, args.rounds)
        per_call = {name: each / len(batches) for name, each in seconds.items()}
        report(f"{size} text{'s' * (size > 1)} a call", per_call)


def best(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Returns the least seconds of each way."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: min(all_) for name, all_ in seconds.items()}


def report(what: str, seconds: dict[str, float]) -> None:
    first = next(iter(seconds.values()))
    for name, each in seconds.items():
        print(f"{what:24} {name:28} {1e3 * each:10.3f} ms  x{first / each:.2f}")


def graph(layer: keras.Layer) -> Callable[[tf.Tensor], object]:
    """Returns strings to rows as one graph."""
    traced = tf.function(
        lambda texts: layer(texts).values,
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    return traced.get_concrete_function()


def old_layer(commit: str, fitted: TfidfVectorizer) -> keras.Layer:
    """Returns the layer of an earlier commit."""
    path = "wish_tf/layers/tfidf_vectorization.py"
    source = subprocess.run(
        ["git", "show", f"{commit}:{path}"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    module = types.ModuleType("old_layer")
    exec(source.replace('package="wish_tf"', 'package="old"'), vars(module))
    return module.TfidfVectorization.from_sklearn(fitted)


if __name__ == "__main__":
    main()
