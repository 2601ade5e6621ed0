import numpy as np
import pytest

from wish_tf.health import (
    Finding,
    Verdict,
    bit_entropy,
    bit_name,
    dead_bits,
    distinct_codes,
    largest_bucket,
    overall,
    precision,
    unknown_words,
)
from wish_tf.metrics import Retrieval

GOOD, LOOK, PROBLEM, UNKNOWN = Verdict
NAMES = ["oil, opec", "bit 1"]


@pytest.mark.parametrize(
    ("finding", "verdict"),
    [
        (distinct_codes(16, 160, 8), GOOD),
        (distinct_codes(15, 150, 8), LOOK),
        (distinct_codes(1, 100, 8), PROBLEM),
        # 50 documents cannot fill 2^16 codes.
        (distinct_codes(25, 50, 32), GOOD),
        (distinct_codes(1, 1, 8), GOOD),
        (dead_bits([1, 0.1]), GOOD),
        (dead_bits([1, 0]), PROBLEM),
        (bit_entropy([1, 1]), GOOD),
        (bit_entropy([0.8, 0.6]), LOOK),
        (bit_entropy([0.9, 0]), PROBLEM),
        (unknown_words(1, 100), GOOD),
        (unknown_words(9, 100), LOOK),
        (unknown_words(11, 100), PROBLEM),
        (largest_bucket(10, 100, 8), GOOD),
        (largest_bucket(20, 100, 8), LOOK),
        (largest_bucket(40, 100, 8), PROBLEM),
        # A quarter each is all that two bits can do.
        (largest_bucket(40, 100, 2), GOOD),
    ],
)
def test_verdicts(finding, verdict):
    assert finding.verdict is verdict


def test_what_was_measured_is_said():
    assert distinct_codes(2, 4, 2).value == "2 of 4 possible"
    assert distinct_codes(2, 4, 40).value == "2 of 2^40 possible"
    assert unknown_words(9, 100, "test document").value.startswith(
        "9 of 100 test documents"
    )
    assert "a look-up must allow" in distinct_codes(30, 30, 8).meaning
    assert "a look-up must allow" not in distinct_codes(30, 60, 8).meaning


def test_bits_are_called_by_their_topics():
    assert bit_name(0, NAMES) == "topic 0 (oil, opec)"
    assert bit_name(1, NAMES) == bit_name(1) == "bit 1"
    found = dead_bits([0, 0, 1, 0], NAMES).meaning
    assert found.startswith("Topic 0 (oil, opec), bit 1 and bit 3 are the same")
    assert dead_bits([1, 0]).meaning.startswith("Bit 1 is the same")
    found = bit_entropy([0.9, 1], [0.3, 0.5], NAMES).meaning
    assert "The least even is topic 0 (oil, opec), on for 30" in found
    assert bit_entropy([1, 0.9]).meaning.endswith("The least even is bit 1.")


def searched(relevant_at_0: list[int]) -> Retrieval:
    """Queries that have 100 documents in their bucket and 900 farther away."""
    near = np.array(relevant_at_0)
    found = np.tile([100, 900], (len(near), 1))
    return Retrieval(found, np.stack([near, 100 - near], axis=1))


@pytest.mark.parametrize(
    ("relevant", "commonest", "verdict"),
    [
        ([90, 80, 100], 0.2, GOOD),
        ([90, 80, 100], 0.95, LOOK),
        ([20, 21, 22], 0.1, LOOK),
        ([10, 11, 9], 0.05, PROBLEM),
        ([0, 100, 0, 0], 0.05, PROBLEM),  # above chance by less than its error
        ([90, 80, 100], None, UNKNOWN),
        ([10, 11, 9], None, PROBLEM),
    ],
)
def test_precision(relevant, commonest, verdict):
    assert precision(searched(relevant), commonest).verdict is verdict


def test_precision_of_too_little_is_not_judged():
    found = precision(None, 0.5)
    assert found.verdict is UNKNOWN and found.value == "not measured"
    nothing = Retrieval(np.full((3, 2), 60), np.zeros((3, 2), int))
    assert precision(nothing, 0.0).verdict is PROBLEM


@pytest.mark.parametrize(
    ("verdicts", "verdict", "said"),
    [
        ([GOOD, GOOD], GOOD, "Yes, healthy: all 2 checks are good."),
        ([GOOD, UNKNOWN], GOOD, "all 1 checks that can be made are good. Nothing can"),
        ([GOOD, LOOK], LOOK, "one should look at: the look."),
        ([LOOK, PROBLEM], PROBLEM, "No, not healthy. The trouble is with: the problem"),
    ],
)
def test_the_worst_finding_decides(verdicts, verdict, said):
    findings = [Finding(f"The {one.name}", "1", one, "Because.") for one in verdicts]
    found, sentence = overall(findings)
    assert found is verdict and said in sentence
