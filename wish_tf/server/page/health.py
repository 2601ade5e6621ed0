"""Whether a model is healthy, in plain words: the report's marks, for a server."""

from __future__ import annotations

from typing import Any

from wish_tf.report.finding import Finding, Verdict
from wish_tf.report.health import (
    BALANCED,
    FEW_UNKNOWN,
    LARGE,
    LOPSIDED,
    MANY_UNKNOWN,
    TIMES_EVEN,
    VERY_LARGE,
    overall,
)
from wish_tf.report.numbers import count, share
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
    if use.distinct_codes == 1:
        verdict = Verdict.PROBLEM
        meaning = "Every document has the same code: the training has collapsed."
    elif use.distinct_codes < min(2 ** (use.bits / 2), use.documents / 2):
        verdict = Verdict.LOOK
        meaning = "Half of the bits could hold as many: fewer bits may do."
    else:
        verdict = Verdict.GOOD
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
    if mean >= BALANCED:
        verdict, meaning = Verdict.GOOD, "Bits are on for about half of the documents."
    else:
        verdict = Verdict.LOOK if mean >= LOPSIDED else Verdict.PROBLEM
        some = "Some" if mean >= LOPSIDED else "Most"
        meaning = f"{some} bits are nearly always on or nearly always off."
    return Finding(
        "Balance of the bits",
        f"entropy {mean:.2f} of 1",
        verdict,
        f"{meaning} The least even is bit {least}{on}.",
    )


def _largest_bucket(use: CodeUse, largest: int) -> Finding:
    part = largest / use.documents
    even = TIMES_EVEN / 2**use.bits
    if part <= max(LARGE, even):
        verdict = Verdict.GOOD
        meaning = "A look-up returns a small part of the documents."
    elif part <= max(VERY_LARGE, even):
        verdict, meaning = Verdict.LOOK, "A look-up there returns a good part of them."
    else:
        verdict, meaning = Verdict.PROBLEM, "A look-up there returns much of them."
    value = f"{share(part)} of the documents ({count(largest)})"
    return Finding("Largest bucket", value, verdict, meaning)


def _left_out(use: CodeUse, left_out: int) -> Finding:
    everything = use.documents + left_out
    part = left_out / everything
    if part <= FEW_UNKNOWN:
        verdict, meaning = Verdict.GOOD, "The documents speak of what the model knows."
    else:
        verdict = Verdict.LOOK if part <= MANY_UNKNOWN else Verdict.PROBLEM
        meaning = "Their codes would mean nothing: they are not in the index."
    return Finding(
        "Documents without a known word",
        f"{count(left_out)} of {count(everything)} ({share(part)})",
        verdict,
        meaning,
    )
