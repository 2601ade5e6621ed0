from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wish_tf.corpora import Corpus, split_corpus
from wish_tf.errors import InputError
from wish_tf.recipes import Recipe
from wish_tf.runs.evaluate import yardstick
from wish_tf.text_hasher import TextHasher

LENGTHS = (4, 6, 8, 10, 12)
# Below this one standard error hides every difference.
MIN_DOCUMENTS = 500


@dataclass(frozen=True)
class BitsPoint:
    """What codes of one length are worth on a sample of a corpus.

    Attributes:
        bits: length of the codes.
        score: what it is a score of says who measured it; more is better.
        standard_error: of the score, where it is a mean over queries; else 0.
        distinct_codes: how many codes the indexed documents have.
        bucket_share: the share of the documents that the bucket of a random
            document holds.
        train_seconds: wall clock.
    """

    bits: int
    score: float
    standard_error: float
    distinct_codes: int
    bucket_share: float
    train_seconds: float


def bits_curve(
    corpus: Corpus,
    lengths: Sequence[int] = LENGTHS,
    *,
    measure: str | None = None,
    recipe: Recipe | None = None,
    seed: int = 0,
) -> Iterator[BitsPoint]:
    """Trains a hasher of each length and measures it on documents it has not seen.

    A tenth of the documents are queries, eight tenths are trained on and searched.

    Args:
        corpus: the sample, at least 500 documents.
        lengths: in bits.
        measure: one of `wish_tf.metrics.yardstick.QUALITIES`; by default what
            `usual_measure` returns.
        recipe: how the models are built and trained, as `TextHasher` takes it.
        seed: of the split and of the training.

    Yields:
        A point for each length, as soon as it is measured. The standard error is that
        of a mean over queries, and 0 of what is no such mean.

    Raises:
        InputError: when there are too few documents, or they cannot be measured so.
    """
    if len(corpus) < MIN_DOCUMENTS:
        raise InputError(
            f"expected at least {MIN_DOCUMENTS} documents to measure on; "
            f"got {len(corpus)}"
        )
    measure = measure or usual_measure(corpus)
    splits = split_corpus(corpus, seed=seed)
    known, asked = splits.train, splits.test
    by = None
    for bits in lengths:
        hasher = TextHasher(bits, recipe=recipe, seed=seed)
        data = hasher.fit_vocabulary(known.texts)
        if by is None:  # All hashers know the same words.
            by = yardstick(hasher, known, asked)
            by.check(measure)
        started = time.monotonic()
        hasher.fit_model(data)
        seconds = time.monotonic() - started
        codes = hasher.transform(known.texts), hasher.transform(asked.texts)
        measured = by.measures(*codes)
        each = by.per_query(*codes).get(measure)
        yield BitsPoint(
            bits,
            measured[measure],
            0.0 if each is None else float(each.std() / np.sqrt(len(each))),
            measured["distinct_codes"],
            measured["mean_bucket"] / len(known),
            seconds,
        )


def usual_measure(corpus: Corpus) -> str:
    """Returns what lengths are measured by: Prec@100 by labels or, without any, how
    many of the ten nearest by tf-idf are among the first hundred."""
    return "precision_at_100" if corpus.labels else "neighbour_recall_at_100"


def suggested(curve: Sequence[BitsPoint]) -> BitsPoint:
    """Returns the shortest length that is as good as the best, by one standard error.

    The rule is that of Breiman, Friedman, Olshen and Stone, "Classification and
    Regression Trees", 1984, section 3.4.3: a larger model must earn its size by more
    than the noise of the measure.

    Args:
        curve: at least one point.

    Examples:
        Six bits are as good as eight, within the noise of the measure:

        >>> def point(bits, score):
        ...     return BitsPoint(bits, score, 0.01, 0, 0.0, 0.0)
        >>> suggested([point(4, 0.5), point(6, 0.595), point(8, 0.6)]).bits
        6
    """
    best = max(curve, key=lambda point: point.score)
    enough = best.score - best.standard_error
    return min(
        (point for point in curve if point.score >= enough),
        key=lambda point: point.bits,
    )
