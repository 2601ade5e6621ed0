import numpy as np
import pytest

from tests.report.test_neighbours import labelled
from tests.report.variants import recoded, relabelled
from wish_tf.health.finding import Finding, Verdict
from wish_tf.health.marks import overall
from wish_tf.metrics import Retrieval
from wish_tf.report.buckets import Buckets
from wish_tf.report.health import (
    bit_entropy,
    dead_bits,
    distinct_codes,
    findings,
    largest_bucket,
    majority,
    precision,
    unknown_words,
)

GOOD, LOOK, PROBLEM, UNKNOWN = Verdict


def sizes(*of_buckets: int) -> Buckets:
    codes = np.arange(len(of_buckets), dtype=np.uint64)
    return Buckets(codes, np.array(of_buckets), np.zeros(0, int))


@pytest.mark.parametrize(
    ("buckets", "bits", "verdict"),
    [
        (sizes(*[10] * 16), 8, GOOD),
        (sizes(*[10] * 15), 8, LOOK),
        (sizes(100), 8, PROBLEM),
        # 50 documents cannot fill 2^16 codes.
        (sizes(*[2] * 25), 32, GOOD),
        (sizes(1), 8, GOOD),
    ],
)
def test_codes_in_use(buckets, bits, verdict):
    assert distinct_codes(buckets, bits).verdict is verdict


def test_codes_in_use_are_written_out():
    assert distinct_codes(sizes(3, 1), 2).value == "2 of 4 possible"
    assert distinct_codes(sizes(3, 1), 40).value == "2 of 2^40 possible"


def test_dead_bits_are_named():
    codes = np.array([[0, 1, 0, 1], [0, 1, 1, 1]])
    found = dead_bits(codes)
    assert found.verdict is PROBLEM and "Bits 0, 1 and 3 are the same" in found.meaning
    assert "Bit 0 is the same" in dead_bits(codes[:, [0, 2]]).meaning
    assert dead_bits(codes[:, [2]]).verdict is GOOD


@pytest.mark.parametrize(
    ("on", "verdict"),
    # Entropies 1, 0.72 and 0.29.
    [(10, GOOD), (4, LOOK), (1, PROBLEM)],
)
def test_balance_of_the_bits(on, verdict):
    codes = np.zeros((20, 3), int)
    codes[:on] = 1
    found = bit_entropy(codes)
    assert found.verdict is verdict and "bit 0, on for" in found.meaning


@pytest.mark.parametrize(("unknown", "verdict"), [(1, GOOD), (9, LOOK), (11, PROBLEM)])
def test_documents_without_a_known_word(unknown, verdict):
    documents = labelled(np.zeros((100, 2)), [()] * 100)
    documents.hashed.out_of_vocabulary[:unknown] = True
    found = unknown_words(documents)
    assert found.verdict is verdict
    assert found.value.startswith(f"{unknown} of 100 test documents")


@pytest.mark.parametrize(
    ("buckets", "bits", "verdict"),
    [
        (sizes(10, *[9] * 10), 8, GOOD),
        (sizes(20, *[8] * 10), 8, LOOK),
        (sizes(40, *[6] * 10), 8, PROBLEM),
        # A quarter each is all that two bits can do.
        (sizes(40, 20, 20, 20), 2, GOOD),
    ],
)
def test_largest_bucket(buckets, bits, verdict):
    assert largest_bucket(buckets, bits).verdict is verdict


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


def test_precision_of_too_few_documents_is_not_judged():
    found = precision(None, 0.5)
    assert found.verdict is UNKNOWN and found.value == "not measured"


def finding(verdict: Verdict) -> Finding:
    return Finding(f"The {verdict.name}", "1", verdict, "Because.")


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
    found, sentence = overall([finding(one) for one in verdicts])
    assert found is verdict and said in sentence


def test_the_page_says_what_the_project_measures(source):
    found = {one.name: one for one in findings(source)}
    measured = source.metrics["test"]
    assert found["Codes in use"].value.startswith(f"{measured['distinct_codes']} of")
    assert found["Prec@100"].value.startswith(f"{measured['precision_at_100']:.3f} ")
    entropy = np.mean(measured["bit_entropy"])
    assert found["Balance of the bits"].value == f"entropy {entropy:.2f} of 1"
    each = source.retrieval.precisions(100)
    assert f"± {each.std() / len(each) ** 0.5:.3f}" in found["Prec@100"].value


def test_the_commonest_class_alone(source):
    alone = relabelled(source, lambda n, own: ("a", "b") if n % 4 else ("b",))
    assert majority(alone) == 1.0
    assert majority(relabelled(source, None)) is None


def test_all_texts_with_one_code(source):
    collapsed = recoded(source, lambda p: np.full_like(p, 0.9))
    found = {one.name: one.verdict for one in findings(collapsed)}
    assert found["Codes in use"] is PROBLEM and found["Prec@100"] is PROBLEM
    assert found["Dead bits"] is PROBLEM and found["Largest bucket"] is PROBLEM


def test_no_query_is_relevant_to_anything():
    found = Retrieval(np.full((3, 2), 60), np.zeros((3, 2), int))
    assert precision(found, 0.0).verdict is PROBLEM


def test_codes_of_their_own_need_a_radius():
    assert "a look-up must allow" in distinct_codes(sizes(*[1] * 30), 8).meaning
    assert "a look-up must allow" not in distinct_codes(sizes(*[2] * 30), 8).meaning
