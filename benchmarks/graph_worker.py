"""Measures the exports of an older commit and of today in turn, for `graph.py`.

    python benchmarks/graph_worker.py EXPORTS ROUNDS CORPUS...

In one process, so that a busy machine slows both. Of the first corpus, all texts are
hashed by both, and those are counted that get other codes.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  the ops that a hasher has
from tensorflow.core.protobuf.config_pb2 import CallableOptions

from wish_tf.corpora import load_corpus
from wish_tf.layers import CodeBook, TfidfVectorization, TopicSpace
from wish_tf.models import HashingModel, NestedHash
from wish_tf.saved_model import export_hasher

BITS = (8, 16, 64)
SIZES = (1, 64)
OUTPUTS = ("bits", "code_bytes", "out_of_vocabulary", "probabilities")
# As in the default recipe; the older commit has no power, that is 1.
POWER = 0.6
BATCH = 256
# Calls of a graph before the next has its turn: a server has no other graph whose
# weights drive its own out of the caches. The first turn warms up.
IN_A_TURN = 10


class Graph:
    """The signature `hash` of an export, run in the thread of the caller."""

    def __init__(self, version: Path):
        config = tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=1, inter_op_parallelism_threads=1
        )
        self._session = tf.compat.v1.Session(graph=tf.Graph(), config=config)
        with self._session.graph.as_default():
            loader = tf.compat.v1.saved_model.loader
            meta_graph = loader.load(self._session, ["serve"], str(version))
        signature = meta_graph.signature_def["hash"]
        self._feed = signature.inputs["text"].name
        self._fetch = [signature.outputs[name].name for name in OUTPUTS]
        options = CallableOptions(
            feed=[self._feed],
            fetch=self._fetch,
            run_options=tf.compat.v1.RunOptions(inter_op_thread_pool=-1),
        )
        self.hash = self._session._make_callable_from_options(options)

    def seconds(self, texts: np.ndarray) -> float:
        """Returns the processor time of a call."""
        start = time.thread_time()
        self.hash(texts)
        return time.thread_time() - start

    def operations(self, texts: np.ndarray) -> int:
        """Returns how many operations a call runs, constants left out."""
        trace = tf.compat.v1.RunMetadata()
        self._session.run(
            self._fetch,
            {self._feed: texts},
            options=tf.compat.v1.RunOptions(
                trace_level=tf.compat.v1.RunOptions.FULL_TRACE
            ),
            run_metadata=trace,
        )
        return sum(
            "= Const()" not in node.timeline_label
            for device in trace.step_stats.dev_stats
            for node in device.node_stats
        )


def main() -> None:
    exports, rounds, names = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    weights = pickle.loads((exports / "weights.pickle").read_bytes())
    for name, power in (("new", 1.0), ("powered", POWER)):
        model = model_of(weights, power)
        for bits in BITS:
            export_hasher(model.cut(bits), exports / name / str(bits))
    corpora = {
        name: [text.encode("utf-8", "replace") for text in load_corpus(name).texts]
        for name in names
    }
    times, codes, probability = [], [], 0.0
    for bits in BITS:
        graphs = {
            "old": Graph(exports / str(bits) / "1"),
            "new": Graph(exports / "new" / str(bits) / "1"),
            "powered": Graph(exports / "powered" / str(bits) / "1"),
        }
        for name, texts in corpora.items():
            for size in SIZES:
                case = {"bits": bits, "corpus": name, "size": size}
                times.append(case | timed(graphs, texts, size, rounds))
        texts = corpora[names[0]]
        differ, largest = compared(graphs["old"], graphs["new"], texts)
        probability = max(probability, largest)
        case = {"bits": bits, "corpus": names[0], "texts": len(texts)}
        codes.append(case | {"differ": differ})
    result = {
        "rounds": rounds,
        "bytes": {name: float(np.mean([*map(len, corpora[name])])) for name in names},
        "times": times,
        "codes": codes,
        "probability": probability,
    }
    print(json.dumps(result))


def model_of(weights: dict, power: float) -> HashingModel:
    """Returns the model of today that has the weights."""
    directions, partitions, middle = weights["arrays"]
    space = TopicSpace(**weights["space"], lsa_power=power, name="space")
    space.build((None, len(directions)))
    topics = space.decoders * space.bits
    space.directions.assign(directions[:, :topics])
    space.lsa.assign(directions[:, topics:])
    space.partitions.assign(partitions)
    space.middle.assign(middle)
    books = [
        CodeBook.of(*book, **weights["book"], name=f"book_{i}")
        for i, book in enumerate(weights["books"])
    ]
    coder = NestedHash(space, books, len(directions), weights["topics"], name="wish")
    vectorization = TfidfVectorization(weights["vocabulary"], weights["idf_weights"])
    return HashingModel(vectorization, coder)


def timed(graphs: dict[str, Graph], texts: list[bytes], size: int, rounds: int) -> dict:
    """Returns the microseconds a text of each graph, and what they run."""
    order = np.random.default_rng(0).permutation(len(texts))
    seconds: dict[str, list[float]] = {name: [] for name in graphs}
    for turn in range(1 + max(1, rounds // IN_A_TURN)):
        first = turn * IN_A_TURN * size
        chosen = np.take(order, range(first, first + IN_A_TURN * size), mode="wrap")
        batches = np.array([texts[i] for i in chosen], object).reshape(IN_A_TURN, size)
        for name, graph in graphs.items():
            seconds[name] += [graph.seconds(batch) for batch in batches]
    return {
        name: 1e6 * median(taken[IN_A_TURN:]) / size for name, taken in seconds.items()
    } | {f"{name}_operations": graphs[name].operations(batches[0]) for name in graphs}


def compared(old: Graph, new: Graph, texts: list[bytes]) -> tuple[int, float]:
    """Returns how many texts get other codes, and by how much probabilities differ."""
    differ, largest = 0, 0.0
    for start in range(0, len(texts), BATCH):
        batch = np.array(texts[start : start + BATCH], object)
        expected, found = (
            dict(zip(OUTPUTS, graph.hash(batch), strict=True)) for graph in (old, new)
        )
        differ += int((expected["bits"] != found["bits"]).any(axis=1).sum())
        apart = np.abs(expected["probabilities"] - found["probabilities"]).max()
        largest = max(largest, float(apart))
    return differ, largest


if __name__ == "__main__":
    main()
