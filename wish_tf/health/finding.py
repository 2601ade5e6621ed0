from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
