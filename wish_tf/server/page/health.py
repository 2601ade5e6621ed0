"""Whether a model is healthy, in plain words."""

from __future__ import annotations

import math
from typing import Any

from wish_tf.server.page.code_use import CodeUse

GOOD, LOOK, BAD, UNKNOWN = "good", "look", "bad", "unknown"
# Fewer documents say little: of 100, a bit that is on for every second one is seen
# on for 40 to 60.
FEWEST = 100
# The entropy of a bit that is on for one document in twenty, or off for one: below,
# it tells next to nothing of most documents.
LEAST_BIT_ENTROPY = 0.286
# Of the entropy there could be. Healthy models have clusters and so do not reach
# it: python-docs with 8 bits by the default recipe has 0.64 of it.
LEAST_CODE_ENTROPY = {LOOK: 0.5, BAD: 0.25}
# Of all documents: who asks for what lies there gets that share of the corpus, all
# of it equally near.
LARGEST_BUCKET = {LOOK: 0.2, BAD: 0.5}
# Of all documents: these cannot be found at all.
LEFT_OUT = {LOOK: 0.05, BAD: 0.2}
_WRITTEN_OUT = 20  # bits whose number of codes is a number that can be read
_ORDER = (GOOD, LOOK, BAD)
_SUMMARY = {
    GOOD: "Healthy: nothing stands out.",
    LOOK: "Worth a look: the code works, but not all of it as it should.",
    BAD: "Not healthy: codes say less of a text than their length promises.",
    UNKNOWN: "Not known.",
}


def health(use: CodeUse | None) -> dict[str, Any]:
    """Judges how documents use the codes.

    Args:
        use: How they do; None if nobody knows.

    Returns:
        `verdict`, the worst of all (`good`, `look`, `bad` or `unknown`), `summary`, a
        sentence, and `findings`, each with a `verdict` and a `text`.
    """
    if use is None:
        return _answer(UNKNOWN, "Not known: nobody has measured the codes.")
    if use.documents < FEWEST:
        return _answer(
            UNKNOWN,
            f"Not known: {use.documents} documents are too few to judge by; "
            f"{FEWEST} are needed.",
        )
    findings = [_dead_bits(use), _lopsided_bits(use), _codes(use)]
    if use.largest is not None:
        findings.append(_largest_bucket(use))
    if use.left_out is not None:
        findings.append(_left_out(use))
    worst = max((finding["verdict"] for finding in findings), key=_ORDER.index)
    return _answer(worst, _SUMMARY[worst], findings)


def _answer(verdict: str, summary: str, findings: list | None = None) -> dict[str, Any]:
    return {"verdict": verdict, "summary": summary, "findings": findings or []}


def _dead_bits(use: CodeUse) -> dict[str, str]:
    dead = [bit for bit, entropy in enumerate(use.bit_entropy) if entropy == 0]
    if not dead:
        return _finding(GOOD, f"No bit is dead: all {use.bits} tell documents apart.")
    return _finding(
        BAD, f"{_bits(dead)} the same for every document and so tell nothing."
    )


def _lopsided_bits(use: CodeUse) -> dict[str, str]:
    lopsided = [
        bit
        for bit, entropy in enumerate(use.bit_entropy)
        if 0 < entropy < LEAST_BIT_ENTROPY
    ]
    if not lopsided:
        return _finding(GOOD, "No bit is lopsided: none is the same for 95 % or more.")
    return _finding(
        LOOK, f"{_bits(lopsided)} the same for 95 % of the documents or more."
    )


def _codes(use: CodeUse) -> dict[str, str]:
    most = min(use.bits, math.log2(use.documents))
    possible = f"{2**use.bits:,}" if use.bits <= _WRITTEN_OUT else f"2^{use.bits}"
    text = (
        f"{use.distinct_codes:,} of {possible} possible codes are in use, as if "
        f"{2**use.code_entropy:,.0f} were used equally often."
    )
    if use.distinct_codes == 1:
        return _finding(BAD, "All documents have one and the same code: collapsed.")
    return _finding(_below(use.code_entropy / most, LEAST_CODE_ENTROPY), text)


def _largest_bucket(use: CodeUse) -> dict[str, str]:
    share = use.largest / use.documents
    return _finding(
        _above(share, LARGEST_BUCKET),
        f"The largest bucket holds {use.largest:,} of {use.documents:,} documents, "
        f"{_percent(share)}.",
    )


def _left_out(use: CodeUse) -> dict[str, str]:
    everything = use.documents + use.left_out
    if not use.left_out:
        return _finding(GOOD, "Every document has a word that the model knows.")
    share = use.left_out / everything
    return _finding(
        _above(share, LEFT_OUT),
        f"{use.left_out:,} of {everything:,} documents, {_percent(share)}, have no "
        "word that the model knows and cannot be found.",
    )


def _finding(verdict: str, text: str) -> dict[str, str]:
    return {"verdict": verdict, "text": text}


def _bits(bits: list[int]) -> str:
    numbers = ", ".join(map(str, bits))
    return f"Bit {numbers} is" if len(bits) == 1 else f"Bits {numbers} are"


def _below(value: float, limits: dict[str, float]) -> str:
    return BAD if value < limits[BAD] else LOOK if value < limits[LOOK] else GOOD


def _above(value: float, limits: dict[str, float]) -> str:
    return BAD if value > limits[BAD] else LOOK if value > limits[LOOK] else GOOD


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"
