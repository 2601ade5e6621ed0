"""Whether a model is healthy, in plain words: the same marks as the report's."""

from __future__ import annotations

from typing import Any

from wish_tf.health.finding import Finding, Verdict
from wish_tf.health.marks import (
    balance_verdict,
    bucket_verdict,
    codes_verdict,
    overall,
    unknown_verdict,
)
from wish_tf.readable_numbers import count, share
from wish_tf.server.page.code_use import CodeUse

# Fewer documents say little: of 100, a bit that is on for every second one is seen
# on for 40 to 60.
FEWEST = 100
_WRITTEN_OUT = 20  # bits whose number of codes is a number that can be read


def health(use: CodeUse | None) -> dict[str, Any]:
    """Judges how documents use the codes.

    Args:
        use: How they do; None if nobody knows.

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
    found = [_codes(use), _dead_bits(use), _balance(use)]
    if use.largest is not None:
        found.append(_largest_bucket(use, use.largest))
    if use.left_out is not None:
        found.append(_left_out(use, use.left_out))
    return _answer(*overall(found), found)


def _answer(verdict: Verdict, summary: str, found: list[Finding]) -> dict[str, Any]:
    return {
        "verdict": verdict.name.lower(),
        "summary": summary,
        "findings": [
            {
                "name": finding.name,
                "value": finding.value,
                "verdict": finding.verdict.name.lower(),
                "meaning": finding.meaning,
            }
            for finding in found
        ],
    }


def _codes(use: CodeUse) -> Finding:
    possible = count(2**use.bits) if use.bits <= _WRITTEN_OUT else f"2^{use.bits}"
    verdict = codes_verdict(use.distinct_codes, use.documents, use.bits)
    if verdict is Verdict.PROBLEM:
        meaning = "Every document has the same code: the training has collapsed."
    elif verdict is Verdict.LOOK:
        meaning = "Half of the bits could hold as many: fewer bits may do."
    else:
        meaning = "Documents are told apart. Not all codes need be in use."
    value = f"{count(use.distinct_codes)} of {possible} possible"
    return Finding("Codes in use", value, verdict, meaning)


def _dead_bits(use: CodeUse) -> Finding:
    name = "Dead bits"
    dead = [str(bit) for bit, entropy in enumerate(use.bit_entropy) if entropy == 0]
    if not dead:
        meaning = "Every bit is on for some documents and off for others."
        return Finding(name, f"none of {use.bits}", Verdict.GOOD, meaning)
    which = f"Bit {dead[0]} is" if len(dead) == 1 else f"Bits {', '.join(dead)} are"
    return Finding(
        name,
        f"{len(dead)} of {use.bits}",
        Verdict.PROBLEM,
        f"{which} the same for every document, and so without meaning.",
    )


def _balance(use: CodeUse) -> Finding:
    mean = sum(use.bit_entropy) / use.bits
    least = min(range(use.bits), key=use.bit_entropy.__getitem__)
    on = f", on for {share(use.shares[least])}" if use.shares else ""
    verdict = balance_verdict(mean)
    if verdict is Verdict.GOOD:
        meaning = "Bits are on for about half of the documents."
    else:
        some = "Some" if verdict is Verdict.LOOK else "Most"
        meaning = f"{some} bits are nearly always on or nearly always off."
    return Finding(
        "Balance of the bits",
        f"entropy {mean:.2f} of 1",
        verdict,
        f"{meaning} The least even is bit {least}{on}.",
    )


def _largest_bucket(use: CodeUse, largest: int) -> Finding:
    part = largest / use.documents
    verdict = bucket_verdict(part, use.bits)
    if verdict is Verdict.GOOD:
        meaning = "A look-up returns a small part of the documents."
    elif verdict is Verdict.LOOK:
        meaning = "A look-up there returns a good part of them."
    else:
        meaning = "A look-up there returns much of them."
    value = f"{share(part)} of the documents ({count(largest)})"
    return Finding("Largest bucket", value, verdict, meaning)


def _left_out(use: CodeUse, left_out: int) -> Finding:
    everything = use.documents + left_out
    part = left_out / everything
    verdict = unknown_verdict(part)
    if verdict is Verdict.GOOD:
        meaning = "The documents speak of what the model knows."
    else:
        meaning = "Their codes would mean nothing: they are not in the index."
    return Finding(
        "Documents without a known word",
        f"{count(left_out)} of {count(everything)} ({share(part)})",
        verdict,
        meaning,
    )
