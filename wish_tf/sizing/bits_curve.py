from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wish_tf.corpora import Corpus, split_corpus
from wish_tf.data.nearest import nearest
from wish_tf.errors import InputError
from wish_tf.metrics.precision_at_k import precisions_at_k
from wish_tf.recipes import Recipe
from wish_tf.sizing.bits_point import BitsPoint
from wish_tf.text_hasher import TextHasher

LENGTHS = (4, 6, 8, 10, 12)
K = 100
# Below this one standard error hides every difference.
MIN_DOCUMENTS = 500


def bits_curve(
    corpus: Corpus,
    lengths: Sequence[int] = LENGTHS,
    *,
    recipe: Recipe | None = None,
    seed: int = 0,
) -> Iterator[BitsPoint]:
    """Trains a hasher of each length and measures it on documents it has not seen.

    A tenth of the documents are queries, eight tenths are trained on and searched.
    The score is Prec@100, tie-aware: where the corpus has labels, the share of a
    query's 100 nearest documents with its label; else the share that are among the
    query's 100 nearest by the cosine of tf-idf.

    Args:
        corpus: the sample, at least 500 documents.
        lengths: in bits.
        recipe: how the models are built and trained, as `TextHasher` takes it.
        seed: of the split and of the training.

    Yields:
        A point for each length, as soon as it is measured.

    Raises:
        InputError: when there are too few documents.
    """
    if len(corpus) < MIN_DOCUMENTS:
        raise InputError(
            f"expected at least {MIN_DOCUMENTS} documents to measure on; "
            f"got {len(corpus)}"
        )
    splits = split_corpus(corpus, seed=seed)
    known, asked = splits.train, splits.test
    labels: tuple[Any, Any] = asked.labels, known.labels
    for bits in lengths:
        hasher = TextHasher(bits, recipe=recipe, seed=seed)
        started = time.monotonic()
        hasher.fit(known.texts)
        seconds = time.monotonic() - started
        if labels[1] is None:
            queries, rows = hasher.rows(asked.texts), hasher.rows(known.texts)
            _, numbers = nearest(queries, rows, K, "cosine")
            labels = (numbers.tolist(), np.arange(len(known)))
        codes = hasher.transform(known.texts)
        scores = precisions_at_k(
            hasher.transform(asked.texts), labels[0], codes, labels[1], K
        )
        sizes = np.unique(codes, axis=0, return_counts=True)[1]
        yield BitsPoint(
            bits,
            float(scores.mean()),
            float(scores.std() / np.sqrt(len(scores))),
            len(sizes),
            float(np.square(sizes / len(codes)).sum()),
            seconds,
        )
