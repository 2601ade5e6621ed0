"""When a model is healthy: what the report and the server's page find, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from wish_tf.metrics import Retrieval
from wish_tf.readable_numbers import count, counted, share

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
K = 100
# How far Prec@100 is from chance (0) to perfect (1). k-means, the bar that a few-bit
# hash must clear, comes a quarter of the way where it is weakest in the README's table
# (20newsgroups, 4 bits: 0.283 with chance 0.05).
CLEAR_OF_CHANCE = 0.25
# Standard errors by which a mean must differ from chance to be told from it.
ERRORS = 2
# Of more bits the number of codes cannot be read when it is written out.
WRITTEN_OUT = 20


class Verdict(Enum):
    """How a finding is to be taken; the value is how the page says it."""

    GOOD = "good"
    LOOK = "look at this"
    PROBLEM = "problem"
    UNKNOWN = "no verdict"


@dataclass(frozen=True)
class Finding:
    """One thing that is known of a model's health.

    Attributes:
        name: of what was looked at.
        value: what was measured, in a few words.
        verdict: how it is to be taken.
        meaning: what that says, a sentence or two.
    """

    name: str
    value: str
    verdict: Verdict
    meaning: str


def bit_name(bit: int, names: Sequence[str] = ()) -> str:
    """Returns what a bit is called in a sentence, such as "topic 3 (oil, opec)".

    Args:
        bit: 0 is the first.
        names: of the first bits, as far as there are.
    """
    own = f"bit {bit}"
    # A topic without words is called by its number too.
    if bit >= len(names) or names[bit] == own:
        return own
    return f"topic {bit} ({names[bit]})"


def distinct_codes(used: int, documents: int, bits: int) -> Finding:
    """Judges how many of the codes are in use.

    Args:
        used: distinct codes of the documents.
        documents: how many there are.
        bits: length of the codes.
    """
    possible = count(2**bits) if bits <= WRITTEN_OUT else f"2^{bits}"
    # Half of the bits would do for fewer codes than this; where documents are so few
    # that they cannot fill as many, half of them should have a code of their own.
    enough = min(2 ** (bits / 2), documents / 2)
    verdict = Verdict.GOOD
    meaning = (
        "Documents are told apart. Not all codes need be in use: codes that no "
        "document has keep apart those that differ."
    )
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
    elif used > documents / 2:
        meaning = (
            "Documents are told apart, most have a code of their own: a look-up "
            "must allow for bits that differ to find any."
        )
    value = f"{count(used)} of {possible} possible"
    return Finding("Codes in use", value, verdict, meaning)


def dead_bits(entropy: Sequence[float], names: Sequence[str] = ()) -> Finding:
    """Judges whether some bits are the same in all documents.

    Args:
        entropy: of each bit.
        names: as `bit_name` takes them.
    """
    dead = [bit_name(bit, names) for bit, own in enumerate(entropy) if own == 0]
    if not dead:
        meaning = "Every bit is on for some documents and off for others."
        return Finding("Dead bits", f"none of {len(entropy)}", Verdict.GOOD, meaning)
    which = " and ".join(filter(None, [", ".join(dead[:-1]), dead[-1]]))
    return Finding(
        "Dead bits",
        f"{len(dead)} of {len(entropy)}",
        Verdict.PROBLEM,
        f"{which[0].upper()}{which[1:]} {'is' if len(dead) == 1 else 'are'} the same "
        "for every document, and so without meaning.",
    )


def bit_entropy(
    entropy: Sequence[float],
    shares: Sequence[float] | None = None,
    names: Sequence[str] = (),
) -> Finding:
    """Judges how evenly bits divide the documents.

    Args:
        entropy: of each bit.
        shares: of the documents in which each is on; None where it is not known.
        names: as `bit_name` takes them.
    """
    mean, least = float(np.mean(entropy)), int(np.argmin(entropy))
    on = f", on for {share(shares[least])}" if shares is not None else ""
    verdict, meaning = _graded(
        mean >= BALANCED,
        mean >= LOPSIDED,
        "Bits are on for about half of the documents; 1 would be just half.",
        "Bits are on, or off, for many more than half of the documents, and say less "
        "than they could; 1 would be just half.",
        "Bits are the same for most documents, and say little; 1 would be on for just "
        "half.",
    )
    return Finding(
        "Balance of the bits",
        f"entropy {mean:.2f} of 1",
        verdict,
        f"{meaning} The least even is {bit_name(least, names)}{on}.",
    )


def unknown_words(unknown: int, documents: int, kind: str = "document") -> Finding:
    """Judges how many documents have no word that the model knows.

    Args:
        unknown: how many have none.
        documents: how many there are with these.
        kind: of the documents.
    """
    part = unknown / documents
    meaningless = (
        "Their codes mean nothing. They are very short, in another language, or "
        "about what the training documents do not speak of."
    )
    verdict, meaning = _graded(
        part <= FEW_UNKNOWN,
        part <= MANY_UNKNOWN,
        "The documents speak of what the model knows.",
        meaningless,
        meaningless,
    )
    value = f"{count(unknown)} of {counted(documents, kind)} ({share(part)})"
    return Finding("Documents without a known word", value, verdict, meaning)


def largest_bucket(largest: int, documents: int, bits: int) -> Finding:
    """Judges how many documents share one code.

    Args:
        largest: documents with the most frequent code.
        documents: how many there are.
        bits: length of the codes.
    """
    part, even = largest / documents, TIMES_EVEN / 2**bits
    verdict, meaning = _graded(
        part <= max(LARGE, even),
        part <= max(VERY_LARGE, even),
        "So many have the same code. No code swallows the corpus: a look-up returns a "
        "small part of it.",
        "So many have the same code, and a look-up there returns a good part of the "
        "corpus. The corpus itself may be so uneven.",
        "So many have the same code, and a look-up there returns much of the corpus.",
    )
    value = f"{share(part)} of the documents ({count(largest)})"
    return Finding("Largest bucket", value, verdict, meaning)


def precision(retrieval: Retrieval | None, commonest: float | None) -> Finding:
    """Judges whether codes find documents that belong together.

    Args:
        retrieval: test documents looked up among the training documents, or None.
        commonest: Prec@100 of a search that gives every query documents of the
            commonest class; None without labels.
    """
    name = "Prec@100" if commonest is not None else "Neighbour overlap@100"
    if retrieval is None:
        meaning = f"There are fewer than {K} training documents to search."
        return Finding(name, "not measured", Verdict.UNKNOWN, meaning)
    each = retrieval.precisions(K)
    mean, error = float(each.mean()), float(each.std() / np.sqrt(len(each)))
    chance = retrieval.chance
    if mean - chance <= ERRORS * error:
        verdict = Verdict.PROBLEM
        meaning = (
            "This cannot be told from chance: codes say nothing of what belongs "
            "together."
        )
    elif commonest is None:
        verdict = Verdict.UNKNOWN
        meaning = (
            "The share of the 100 nearest documents by code that are among the 100 "
            f"nearest by tf-idf: {mean / chance:.1f} times chance. How large it should "
            "be nobody knows, as the corpus has no labels. ± is the standard error."
        )
    else:
        way = (mean - chance) / (1 - chance)
        good = way >= CLEAR_OF_CHANCE and mean > commonest
        verdict = Verdict.GOOD if good else Verdict.LOOK
        meaning = (
            "The share of the 100 nearest training documents that have a label of the "
            f"query. It is {share(way)} of the way from chance to perfect; always the "
            f"commonest class would give {commonest:.3f}. ± is the standard error."
        )
    return Finding(
        name, f"{mean:.3f} ± {error:.3f}, chance {chance:.3f}", verdict, meaning
    )


def overall(found: list[Finding]) -> tuple[Verdict, str]:
    """Returns the verdict on a model by all findings, and the sentence for it."""
    problems, looks, unknown = (
        ", ".join(each.name.lower() for each in found if each.verdict is verdict)
        for verdict in (Verdict.PROBLEM, Verdict.LOOK, Verdict.UNKNOWN)
    )
    if problems:
        verdict = Verdict.PROBLEM
        sentence = f"No, not healthy. The trouble is with: {problems}."
    elif looks:
        verdict = Verdict.LOOK
        sentence = f"It works, but one should look at: {looks}."
    else:
        verdict = Verdict.GOOD
        good = sum(each.verdict is Verdict.GOOD for each in found)
        made = " that can be made" if unknown else ""
        sentence = f"Yes, healthy: all {good} checks{made} are good."
    return verdict, sentence + (f" Nothing can be said of: {unknown}." * bool(unknown))


def _graded(good: bool, passable: bool, *meanings: str) -> tuple[Verdict, str]:
    """Returns the verdict of two marks, and that of three meanings which fits it."""
    grade = 0 if good else 1 if passable else 2
    return (Verdict.GOOD, Verdict.LOOK, Verdict.PROBLEM)[grade], meanings[grade]
