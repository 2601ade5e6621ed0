"""The thresholds of a healthy model, and what follows from its findings."""

from __future__ import annotations

from wish_tf.health.finding import Finding, Verdict

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


def codes_verdict(used: int, documents: int, bits: int) -> Verdict:
    """Judges how many codes are in use.

    Args:
        used: distinct codes of the documents.
        documents: how many there are.
        bits: length of the codes.
    """
    # Half of the bits would do for fewer codes than this; where documents are so few
    # that they cannot fill as many, half of them should have a code of their own.
    enough = min(2 ** (bits / 2), documents / 2)
    if used == 1 and documents > 1:
        return Verdict.PROBLEM
    return Verdict.LOOK if used < enough else Verdict.GOOD


def balance_verdict(entropy: float) -> Verdict:
    """Judges the mean entropy of the bits, from 0 to 1."""
    if entropy >= BALANCED:
        return Verdict.GOOD
    return Verdict.LOOK if entropy >= LOPSIDED else Verdict.PROBLEM


def unknown_verdict(part: float) -> Verdict:
    """Judges the share of documents without a known word, from 0 to 1."""
    if part <= FEW_UNKNOWN:
        return Verdict.GOOD
    return Verdict.LOOK if part <= MANY_UNKNOWN else Verdict.PROBLEM


def bucket_verdict(part: float, bits: int) -> Verdict:
    """Judges the share of documents in the largest bucket, from 0 to 1."""
    even = TIMES_EVEN / 2**bits
    if part <= max(LARGE, even):
        return Verdict.GOOD
    return Verdict.LOOK if part <= max(VERY_LARGE, even) else Verdict.PROBLEM


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
