"""Whether a model is healthy, in plain words: what the report says too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wish_tf.health import (
    Finding,
    Verdict,
    bit_entropy,
    dead_bits,
    distinct_codes,
    largest_bucket,
    overall,
    unknown_words,
)
from wish_tf.readable_numbers import count
from wish_tf.server.page.code_use import CodeUse

# Fewer documents say little: of 100, a bit that is on for every second one is seen
# on for 40 to 60.
FEWEST = 100


def health(use: CodeUse | None, names: Sequence[str] = ()) -> dict[str, Any]:
    """Judges how documents use the codes.

    Args:
        use: How they do; None if nobody knows.
        names: Of the first bits, as far as they are known.

    Returns:
        `verdict` (`good`, `look`, `problem` or `unknown`), `summary`, a sentence, and
        `findings`, each with `name`, `value`, `verdict` and `meaning`.
    """
    if use is None:
        return _answer(Verdict.UNKNOWN, "Not known: nobody has measured the codes.", [])
    if use.documents < FEWEST:
        sentence = (
            f"Not known: {count(use.documents)} documents are too few to judge by; "
            f"{FEWEST} are needed."
        )
        return _answer(Verdict.UNKNOWN, sentence, [])
    found = [
        distinct_codes(use.distinct_codes, use.documents, use.bits),
        dead_bits(use.bit_entropy, names),
        bit_entropy(use.bit_entropy, use.shares, names),
    ]
    if use.largest is not None:
        found.append(largest_bucket(use.largest, use.documents, use.bits))
    if use.left_out is not None:
        found.append(unknown_words(use.left_out, use.documents + use.left_out))
    return _answer(*overall(found), found)


def _answer(verdict: Verdict, summary: str, found: list[Finding]) -> dict[str, Any]:
    findings = [
        {**vars(finding), "verdict": finding.verdict.name.lower()} for finding in found
    ]
    return {"verdict": verdict.name.lower(), "summary": summary, "findings": findings}
