from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
