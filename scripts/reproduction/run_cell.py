"""Trains one method and measures its codes."""

from __future__ import annotations

import time

import numpy as np

from baselines import METHODS, Baseline
from reproduction.cell import Cell
from reproduction.experiments import PICTURED, fig10, recipe, with_settings
from reproduction.prepared_corpus import PreparedCorpus
from reproduction.scale import Scale
from wish_tf.codes import codes_to_int
from wish_tf.metrics import Retrieval, code_statistics
from wish_tf.metrics.label_relevance import label_relevance
from wish_tf.recipes import NestedCodes

K = 100
WORDS = 10


def run_cell(cell: Cell, corpus: PreparedCorpus, scale: Scale) -> dict:
    """Returns what was measured, JSON values.

    `train_seconds` and `hash_microseconds` (a text, from its tf-idf row; by the
    sentence encoder, from the text) are processor time, all threads together, so that
    what else the machine does is not in them. The measures of the `Yardstick` are those
    of the test documents. At 8 bits there are `reranked_precision_at_100`, where
    documents at the same Hamming distance are ordered by the cosine of tf-idf, and the
    measures of a topic model's bits by its own words, with `own_` before their names;
    for Fig. 10 the place of each code in the plane and how many texts of each class
    have it.
    """
    splits = corpus.splits
    k = min(K, len(splits.train))
    by = corpus.yardsticks["test"]
    method = build(cell, scale)
    # The sentence encoder has no use for words; embedding is a part of its time.
    if cell.method == "encoder":
        data = {name: found for name, (found, _) in corpus.embeddings.items()}
        before = {name: seconds for name, (_, seconds) in corpus.embeddings.items()}
    else:
        data = {name: getattr(corpus, name) for name in ("train", "validation", "test")}
        before = dict.fromkeys(data, 0.0)
    started = time.process_time()
    known = method.fit_transform(data["train"], data["validation"])
    train_seconds = before["train"] + time.process_time() - started
    by_part = {}
    for name in ("validation", "test"):
        started = time.process_time()
        by_part[name] = method.transform(data[name])
        seconds = before[name] + time.process_time() - started
    statistics = code_statistics(known)
    validation = Retrieval.by_labels(
        by_part["validation"], splits.validation.labels, known, splits.train.labels
    )
    measured = {
        **by.measures(known, by_part["test"]),
        "validation_precision_at_100": float(validation.precisions(k).mean()),
        "train_seconds": round(train_seconds, 2),
        "hash_microseconds": round(1e6 * seconds / len(splits.test), 2),
        "dead_bits": statistics.dead_bits,
        "bit_entropy": float(statistics.bit_entropy.mean()),
        "bytes_a_document": -(-cell.bits // 8),
        "documents": len(splits.train),
        "labels_used_for": "measuring",
    }
    if cell.bits == PICTURED and cell.experiment == "table1":
        measured["reranked_precision_at_100"] = reranked_precision(
            by_part["test"], known, corpus, k
        )
        if hasattr(method, "topics"):
            own = by.topics(known, by_part["test"], method.topics(WORDS))
            measured |= {f"own_{name}": value for name, value in own.items()}
    if cell in fig10(scale):
        measured["map"] = code_map(known, splits.train.labels, cell.seed)
    return measured


def build(cell: Cell, scale: Scale) -> Baseline:
    """Returns the untrained method of a cell."""
    if cell.method == "encoder":
        return METHODS["encoder"](cell.bits, seed=cell.seed, binariser=cell.preset)
    if cell.method != "wish":
        from baselines.neural_baseline import NeuralBaseline

        kind = METHODS[cell.method]
        epochs = {"epochs": scale.epochs} if issubclass(kind, NeuralBaseline) else {}
        return kind(cell.bits, seed=cell.seed, **{**epochs, **cell.settings})
    chosen = with_settings(recipe(cell.preset, cell.corpus, cell.bits), cell.settings)
    if scale.epochs is not None and chosen.fit is not None:
        chosen = chosen.with_setting("fit.epochs", scale.epochs)
    if scale.annealing_steps is not None and isinstance(chosen.strategy, NestedCodes):
        for steps in ("steps", "fewest_steps"):
            path = f"strategy.space.annealing.{steps}"
            chosen = chosen.with_setting(path, scale.annealing_steps)
    return METHODS["wish"](cell.bits, seed=cell.seed, recipe=chosen)


def reranked_precision(
    asked: np.ndarray, known: np.ndarray, corpus: PreparedCorpus, k: int
) -> float:
    """Prec@k where ties of the Hamming distance go by the cosine of tf-idf."""
    queries, documents, relevant = label_relevance(
        corpus.splits.test.labels, corpus.splits.train.labels
    )
    relevant = relevant.toarray()
    asked, known = codes_to_int(asked), codes_to_int(known)
    hits = 0.0
    for start in range(0, len(asked), 256):
        part = slice(start, start + 256)
        distance = np.bitwise_count(asked[part, np.newaxis] ^ known)
        # The cosine is at most 1, so it only decides among equal distances.
        order = corpus.similarity[part].astype(np.float32) - 2.0 * distance
        nearest = np.argpartition(-order, k - 1, axis=1)[:, :k]
        hits += relevant[queries[part, np.newaxis], documents[nearest]].sum()
    return float(hits / (len(asked) * k))


def code_map(codes: np.ndarray, labels, seed: int) -> dict:
    """Returns the codes' places by UMAP on Hamming distances, and their classes."""
    import umap

    distinct, number = np.unique(codes, axis=0, return_inverse=True)
    places = umap.UMAP(
        n_neighbors=min(15, len(distinct) - 1), metric="hamming", random_state=seed
    ).fit_transform(distinct)
    classes = sorted({label for own in labels for label in own})
    counts = np.zeros((len(distinct), len(classes)), int)
    for code, own in zip(number, labels, strict=True):
        counts[code, [classes.index(label) for label in own]] += 1
    return {
        "classes": classes,
        "places": np.round(places, 3).tolist(),
        "counts": counts.tolist(),
    }
