"""Whether a model is healthy. All thresholds of the report are here."""

from __future__ import annotations

import numpy as np

from wish_tf.metrics import code_statistics
from wish_tf.report.buckets import Buckets
from wish_tf.report.documents import Documents
from wish_tf.report.finding import Finding, Verdict
from wish_tf.report.numbers import count, counted, share
from wish_tf.report.relevance import K
from wish_tf.report.retrieval import Retrieval
from wish_tf.report.source import Source

# Entropy of a bit. 0.9 is a bit that is on for 32 to 68 of 100 documents, where
# docs/tensorboard.md sets the mark for training; 0.5 is one that is on for 11 of 100
# or off for 11 of 100, and tells the other 89 nothing of each other.
BALANCED, LOPSIDED = 0.9, 0.5
# Share of documents without a known word, whose codes mean nothing: one in a hundred
# is what misprints and empty texts make up; one in ten is a part of the corpus that
# the vocabulary does not speak of.
FEW_UNKNOWN, MANY_UNKNOWN = 0.01, 0.1
# Share of the largest bucket. A query that falls into it gets this share of the corpus
# back: above a tenth the code spares little work, above three tenths next to none.
# Few bits cannot do better than 1 / 2^bits, of which four times is allowed.
LARGE, VERY_LARGE, TIMES_EVEN = 0.1, 0.3, 4
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


def overall(found: list[Finding]) -> tuple[Verdict, str]:
    """Returns the verdict on a model by all findings, and the sentence for it."""
    problems, looks, unknown = (
        [finding.name.lower() for finding in found if finding.verdict is verdict]
        for verdict in (Verdict.PROBLEM, Verdict.LOOK, Verdict.UNKNOWN)
    )
    without = f" Nothing can be said of: {', '.join(unknown)}." if unknown else ""
    if problems:
        return (
            Verdict.PROBLEM,
            f"No, not healthy. The trouble is with: {', '.join(problems)}." + without,
        )
    if looks:
        return (
            Verdict.LOOK,
            f"It works, but one should look at: {', '.join(looks)}." + without,
        )
    good = len(found) - len(unknown)
    made = " that can be made" if unknown else ""
    return (
        Verdict.GOOD,
        f"Yes, healthy: all {good} checks{made} are good." + without,
    )


def distinct_codes(buckets: Buckets, bits: int) -> Finding:
    """Judges how many of the codes are in use."""
    used, documents = len(buckets.codes), int(buckets.sizes.sum())
    value = f"{count(used)} of {count(2**bits)} possible"
    if bits > 16:
        value = f"{count(used)} of 2^{bits} possible"
    # Half of the bits would do for fewer codes than this; where documents are so few
    # that they cannot fill as many, half of them should have a code of their own.
    enough = min(2 ** (bits / 2), documents / 2)
    if used == 1 and documents > 1:
        verdict = Verdict.PROBLEM
        meaning = (
            "Every document has the same code: the training has collapsed. More "
            "documents, more epochs or another seed may help."
        )
    elif used < enough:
        verdict = Verdict.LOOK
        meaning = (
            f"Half of the bits could hold as many. Fewer than {bits} bits may do for "
            "this corpus (wish-tf suggest-bits measures it), or training was too short."
        )
    else:
        verdict = Verdict.GOOD
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
    if mean >= BALANCED:
        verdict = Verdict.GOOD
        meaning = "Bits are on for about half of the documents; 1 would be just half."
    elif mean >= LOPSIDED:
        verdict = Verdict.LOOK
        meaning = (
            "Bits are on, or off, for many more than half of the documents, and say "
            "less than they could; 1 would be just half."
        )
    else:
        verdict = Verdict.PROBLEM
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
    if part <= FEW_UNKNOWN:
        verdict, meaning = Verdict.GOOD, "New documents speak of what the model knows."
    else:
        verdict = Verdict.LOOK if part <= MANY_UNKNOWN else Verdict.PROBLEM
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
    even = TIMES_EVEN / 2**bits
    if part <= max(LARGE, even):
        verdict = Verdict.GOOD
        meaning = (
            "So many have the same code. No code swallows the corpus: a look-up "
            "returns a small part of it."
        )
    elif part <= max(VERY_LARGE, even):
        verdict = Verdict.LOOK
        meaning = (
            "So many have the same code, and a look-up there returns a good part of "
            "the corpus. The corpus itself may be so uneven."
        )
    else:
        verdict = Verdict.PROBLEM
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
