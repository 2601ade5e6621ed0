"""Whether a model is healthy. What a page on it shares with others is in
`wish_tf.health.marks`."""

from __future__ import annotations

import numpy as np

from wish_tf.health.finding import Finding, Verdict
from wish_tf.health.marks import (
    balance_verdict,
    bucket_verdict,
    codes_verdict,
    unknown_verdict,
)
from wish_tf.metrics import Retrieval, code_statistics
from wish_tf.readable_numbers import count, counted, share
from wish_tf.report.buckets import Buckets
from wish_tf.report.documents import Documents
from wish_tf.report.neighbours import K
from wish_tf.report.source import Source

# How far Prec@100 is from chance (0) to perfect (1). k-means, the bar that a few-bit
# hash must clear, comes a quarter of the way where it is weakest in the README's table
# (20newsgroups, 4 bits: 0.283 with chance 0.05).
CLEAR_OF_CHANCE = 0.25
# Standard errors by which a mean must differ from chance to be told from it.
ERRORS = 2


def findings(source: Source) -> list[Finding]:
    """Returns what is known of the health of a run's model."""
    return [
        distinct_codes(source.buckets, source.hasher.bits),
        dead_bits(source.train.codes),
        bit_entropy(source.train.codes),
        unknown_words(source.test),
        largest_bucket(source.buckets, source.hasher.bits),
        precision(source.retrieval, majority(source)),
    ]


def majority(source: Source) -> float | None:
    """Returns Prec@100 of a search that gives every query documents of the commonest
    class; None without labels."""
    if source.classes is None:
        return None
    commonest, labels = source.classes.names[0], source.test.labels
    return sum(commonest in own for own in labels) / len(labels)


def distinct_codes(buckets: Buckets, bits: int) -> Finding:
    """Judges how many of the codes are in use."""
    used, documents = len(buckets.codes), int(buckets.sizes.sum())
    value = f"{count(used)} of {count(2**bits)} possible"
    if bits > 16:
        value = f"{count(used)} of 2^{bits} possible"
    verdict = codes_verdict(used, documents, bits)
    if verdict is Verdict.PROBLEM:
        meaning = (
            "Every document has the same code: the training has collapsed. More "
            "documents, more epochs or another seed may help."
        )
    elif verdict is Verdict.LOOK:
        meaning = (
            f"Half of the bits could hold as many. Fewer than {bits} bits may do for "
            "this corpus (wish-tf suggest-bits measures it), or training was too short."
        )
    else:
        meaning = (
            "Documents are told apart. Not all codes need be in use: codes that no "
            "document has keep apart those that differ."
        )
        if used > documents / 2:
            meaning = (
                "Documents are told apart, most have a code of their own: a look-up "
                "must allow for bits that differ to find any."
            )
    return Finding("Codes in use", value, verdict, meaning)


def dead_bits(codes: np.ndarray) -> Finding:
    """Judges whether some bits are the same in all documents."""
    dead = np.flatnonzero(codes.min(axis=0) == codes.max(axis=0)).tolist()
    if not dead:
        return Finding(
            "Dead bits",
            f"none of {codes.shape[1]}",
            Verdict.GOOD,
            "Every bit is on for some documents and off for others.",
        )
    which = f"Bit {dead[0]} is" if len(dead) == 1 else f"Bits {_listed(dead)} are"
    return Finding(
        "Dead bits",
        f"{len(dead)} of {codes.shape[1]}",
        Verdict.PROBLEM,
        f"{which} the same for every document, and so without meaning.",
    )


def bit_entropy(codes: np.ndarray) -> Finding:
    """Judges how evenly bits divide the documents."""
    entropy = code_statistics(codes).bit_entropy
    least, mean = int(np.argmin(entropy)), float(entropy.mean())
    on = float(codes[:, least].mean())
    verdict = balance_verdict(mean)
    if verdict is Verdict.GOOD:
        meaning = "Bits are on for about half of the documents; 1 would be just half."
    elif verdict is Verdict.LOOK:
        meaning = (
            "Bits are on, or off, for many more than half of the documents, and say "
            "less than they could; 1 would be just half."
        )
    else:
        meaning = (
            "Bits are the same for most documents, and say little; 1 would be on for "
            "just half."
        )
    return Finding(
        "Balance of the bits",
        f"entropy {mean:.2f} of 1",
        verdict,
        f"{meaning} The least even is bit {least}, on for {share(on)}.",
    )


def unknown_words(queries: Documents) -> Finding:
    """Judges how many documents have no word that the model knows."""
    unknown = int(queries.hashed.out_of_vocabulary.sum())
    part = unknown / len(queries)
    verdict = unknown_verdict(part)
    if verdict is Verdict.GOOD:
        meaning = "New documents speak of what the model knows."
    else:
        meaning = (
            "Their codes mean nothing. They are very short, in another language, or "
            "about what the training documents do not speak of."
        )
    return Finding(
        "Documents without a known word",
        f"{count(unknown)} of {counted(len(queries), 'test document')} ({share(part)})",
        verdict,
        meaning,
    )


def largest_bucket(buckets: Buckets, bits: int) -> Finding:
    """Judges how many documents share one code."""
    part = float(buckets.sizes[0] / buckets.sizes.sum())
    verdict = bucket_verdict(part, bits)
    if verdict is Verdict.GOOD:
        meaning = (
            "So many have the same code. No code swallows the corpus: a look-up "
            "returns a small part of it."
        )
    elif verdict is Verdict.LOOK:
        meaning = (
            "So many have the same code, and a look-up there returns a good part of "
            "the corpus. The corpus itself may be so uneven."
        )
    else:
        meaning = (
            "So many have the same code, and a look-up there returns much of the "
            "corpus."
        )
    return Finding(
        "Largest bucket",
        f"{share(part)} of the documents ({count(buckets.sizes[0])})",
        verdict,
        meaning,
    )


def precision(retrieval: Retrieval | None, commonest: float | None) -> Finding:
    """Judges whether codes find documents that belong together.

    Args:
        retrieval: test documents looked up among the training documents, or None.
        commonest: as `majority` returns it.
    """
    name = "Prec@100" if commonest is not None else "Neighbour overlap@100"
    if retrieval is None:
        return Finding(
            name,
            "not measured",
            Verdict.UNKNOWN,
            f"There are fewer than {K} training documents to search.",
        )
    each = retrieval.precisions(K)
    mean, error = float(each.mean()), float(each.std() / np.sqrt(len(each)))
    chance = retrieval.chance
    value = f"{mean:.3f} ± {error:.3f}, chance {chance:.3f}"
    if mean - chance <= ERRORS * error:
        return Finding(
            name,
            value,
            Verdict.PROBLEM,
            "This cannot be told from chance: codes say nothing of what belongs "
            "together.",
        )
    if commonest is None:
        return Finding(
            name,
            value,
            Verdict.UNKNOWN,
            "The share of the 100 nearest documents by code that are among the 100 "
            f"nearest by tf-idf: {mean / chance:.1f} times chance. How large it should "
            "be nobody knows, as the corpus has no labels. ± is the standard error.",
        )
    way = (mean - chance) / (1 - chance)
    good = way >= CLEAR_OF_CHANCE and mean > commonest
    return Finding(
        name,
        value,
        Verdict.GOOD if good else Verdict.LOOK,
        "The share of the 100 nearest training documents that have a label of the "
        f"query. It is {share(way)} of the way from chance to perfect; always the "
        f"commonest class would give {commonest:.3f}. ± is the standard error.",
    )


def _listed(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
