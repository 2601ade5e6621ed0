"""Trains one method and measures its codes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from reproduction.cell import Cell
from reproduction.experiments import PICTURED, fig10, recipe
from reproduction.prepared_corpus import PreparedCorpus
from reproduction.scale import Scale
from wish_tf.baselines import METHODS, Baseline
from wish_tf.codes import codes_to_int
from wish_tf.metrics import code_statistics, precision_at_k, topic_coherence
from wish_tf.metrics.label_relevance import label_relevance

K = 100
COHERENT_WORDS = 10


def run_cell(cell: Cell, corpus: PreparedCorpus, scale: Scale) -> dict:
    """Returns what was measured, JSON values.

    `train_seconds` and `hash_microseconds` (a text, from its tf-idf row; by the
    sentence encoder, from the text) are processor time, all threads together, so that
    what else the machine does is not in them. At 8 bits there are
    `reranked_precision_at_100`, where documents at the same Hamming distance are
    ordered by the cosine of tf-idf, and `coherence_npmi`, of the ten words that set
    each bit's texts apart; for Fig. 10 the place of each code in the plane and how
    many texts of each class have it.
    """
    splits = corpus.splits
    k = min(K, len(splits.train))
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

    def precision(name: str) -> float:
        labels = getattr(splits, name).labels
        return precision_at_k(by_part[name], labels, known, splits.train.labels, k)

    measured = {
        "precision_at_100": precision("test"),
        "validation_precision_at_100": precision("validation"),
        "train_seconds": round(train_seconds, 2),
        "hash_microseconds": round(1e6 * seconds / len(splits.test), 2),
        "distinct_codes": statistics.distinct_codes,
        "dead_bits": statistics.dead_bits,
        "code_entropy": statistics.code_entropy,
        "bit_entropy": float(statistics.bit_entropy.mean()),
        "bytes_a_document": -(-cell.bits // 8),
        "documents": len(splits.train),
        "labels_used_for": "measuring",
    }
    if cell.bits == PICTURED and cell.experiment == "table1":
        words = telling_words(known, corpus.train)
        measured["coherence_npmi"] = float(topic_coherence(words, corpus.train).mean())
        measured["reranked_precision_at_100"] = reranked_precision(
            by_part["test"], known, corpus, k
        )
        for name, words in own_words(method).items():
            measured[name] = float(topic_coherence(words, corpus.train).mean())
    if cell in fig10(scale):
        measured["map"] = code_map(known, splits.train.labels, cell.seed)
    return measured


def build(cell: Cell, scale: Scale) -> Baseline:
    """Returns the untrained method of a cell."""
    if cell.method == "encoder":
        return METHODS["encoder"](cell.bits, seed=cell.seed, binariser=cell.preset)
    if cell.method != "wish":
        from wish_tf.baselines.neural_baseline import NeuralBaseline

        kind = METHODS[cell.method]
        epochs = {"epochs": scale.epochs} if issubclass(kind, NeuralBaseline) else {}
        return kind(cell.bits, seed=cell.seed, **{**epochs, **cell.settings})
    chosen = replace(recipe(cell.preset, cell.corpus, cell.bits), **cell.settings)
    if scale.epochs is not None:
        chosen = replace(chosen, epochs=scale.epochs)
    if scale.annealing_steps is not None and chosen.annealing is not None:
        chosen = replace(
            chosen, annealing=replace(chosen.annealing, steps=scale.annealing_steps)
        )
    return METHODS["wish"](cell.bits, seed=cell.seed, recipe=chosen)


def telling_words(codes: np.ndarray, rows) -> np.ndarray:
    """Returns the words whose mean tf-idf grows most where a bit is on, int
    [bits, 10]; the same for every method, whatever it is made of."""
    on = codes.astype(np.float64)
    share = on / np.maximum(on.sum(axis=0), 1)
    rest = (1 - on) / np.maximum((1 - on).sum(axis=0), 1)
    difference = (rows.T @ (share - rest)).T
    return np.argsort(-difference, axis=1, kind="stable")[:, :COHERENT_WORDS]


def own_words(method: Baseline) -> dict[str, np.ndarray]:
    """Returns the words of topics that a method has itself, by the result's name."""
    if hasattr(method, "topics"):
        return {"topic_coherence_npmi": method.topics(COHERENT_WORDS)}
    return {}


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
