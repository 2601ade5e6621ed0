"""Dividing a corpus into train, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wish_tf.corpora.corpus import Corpus
from wish_tf.errors import InputError

KINDS = ("random", "reference")
REFERENCE_CORPUS = "20newsgroups"
REFERENCE_SIZE = 18_846
MINIMUM = 10


@dataclass(frozen=True)
class Splits:
    """The three parts of a corpus; no document is in two of them.

    Attributes:
        train: What a model is fitted on, and the database that is searched.
        validation: Queries by which settings are chosen.
        test: Queries by which the result is measured.
        sampled_from: Of how many documents these are a sample, or None where they are
            all.
    """

    train: Corpus
    validation: Corpus
    test: Corpus
    sampled_from: int | None = None


def split_corpus(corpus: Corpus, kind: str = "random", seed: int = 0) -> Splits:
    """Divides a corpus 80/10/10.

    Validation and test have n // 10 documents each, train the rest.

    Args:
        corpus: At least 10 documents.
        kind: `"random"`: a permutation drawn from `seed`. `"reference"`: the split of
            the WISH authors' code for 20 Newsgroups, whatever the seed: scikit-learn's
            order of the published train set, then that of the test set; the last tenth
            is for test and the tenth before it for validation. Both therefore hold
            only posts later than the published date of division.
        seed: Seed of the random split.

    Returns:
        The parts, in the shuffled order.

    Raises:
        InputError: for an unknown kind, a negative seed, too small a corpus, or a
            corpus that has no reference split.

    Examples:
        >>> numbers = [str(number) for number in range(20)]
        >>> splits = split_corpus(Corpus("numbers", numbers, None, numbers))
        >>> len(splits.train), len(splits.validation), len(splits.test)
        (16, 2, 2)
    """
    if kind not in KINDS:
        raise InputError(f"expected a split kind of {', '.join(KINDS)}; got {kind!r}")
    if len(corpus) < MINIMUM:
        raise InputError(
            f"expected at least {MINIMUM} documents, so that no part of an 80/10/10 "
            f"split is empty; got {len(corpus)} in {corpus.name!r}"
        )
    if kind == "reference":
        order = _reference_order(corpus)
    elif seed < 0:
        raise InputError(f"expected a seed of 0 or more; got {seed}")
    else:
        order = np.random.default_rng(seed).permutation(len(corpus))
    tenth = len(corpus) // 10
    return Splits(
        train=corpus.subset(order[: -2 * tenth]),
        validation=corpus.subset(order[-2 * tenth : -tenth]),
        test=corpus.subset(order[-tenth:]),
        sampled_from=corpus.sampled_from,
    )


def _reference_order(corpus: Corpus) -> np.ndarray:
    """Positions [n] in the order in which the WISH authors' code meets the posts."""
    if corpus.name != REFERENCE_CORPUS or corpus.official is None:
        raise InputError(
            f"expected {REFERENCE_CORPUS} for the reference split; got "
            f"{corpus.name!r}: use the random split"
        )
    if len(corpus) != REFERENCE_SIZE:
        raise InputError(
            f"expected all {REFERENCE_SIZE} documents of {REFERENCE_CORPUS} for the "
            f"reference split; got {len(corpus)}: use the random split, or no limit"
        )
    official = np.array(corpus.official)
    parts = []
    for name in ("train", "test"):
        part = np.flatnonzero(official == name)
        # scikit-learn shuffles twice: when it packs the download (seed 0), and each
        # time fetch_20newsgroups is called with its default arguments (seed 42). The
        # legacy generator is the one it uses.
        for sklearn_seed in (0, 42):
            np.random.RandomState(sklearn_seed).shuffle(part)
        parts.append(part)
    return np.concatenate(parts)
