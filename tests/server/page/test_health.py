from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wish_tf.server.page.code_use import CodeUse
from wish_tf.server.page.health import FEWEST, health

HEALTHY = CodeUse(
    source="the documents of x",
    bits=8,
    documents=5000,
    distinct_codes=100,
    code_entropy=6.0,
    bit_entropy=(1.0,) * 8,
    shares=(0.5,) * 8,
    largest=200,
    left_out=10,
)


def verdict(**changes) -> str:
    return health(dataclasses.replace(HEALTHY, **changes))["verdict"]


def test_a_healthy_model():
    found = health(HEALTHY)
    assert found["verdict"] == "good" and "healthy" in found["summary"]
    assert {finding["verdict"] for finding in found["findings"]} == {"good"}
    assert [finding["name"] for finding in found["findings"]] == [
        "Codes in use",
        "Dead bits",
        "Balance of the bits",
        "Largest bucket",
        "Documents without a known word",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"distinct_codes": 15}, "look"),
        ({"distinct_codes": 1}, "problem"),
        ({"bit_entropy": (0.0, *[1.0] * 7)}, "problem"),
        ({"bit_entropy": (0.8,) * 8}, "look"),
        ({"bit_entropy": (0.3,) * 8}, "problem"),
        ({"largest": 1000}, "look"),
        ({"largest": 2000}, "problem"),
        ({"left_out": 300}, "look"),
        ({"left_out": 3000}, "problem"),
        # Of two bits no better can be had.
        ({"bits": 2, "bit_entropy": (1.0, 1.0), "distinct_codes": 4}, "good"),
    ],
)
def test_what_is_wrong_is_said(changes: dict, expected: str):
    assert verdict(**changes) == expected


def test_dead_bits_are_named():
    found = health(dataclasses.replace(HEALTHY, bit_entropy=(1, 0, 1, 1, 0, 1, 1, 1)))
    assert any(
        "Bit 1 and bit 4 are" in finding["meaning"] for finding in found["findings"]
    )
    one = health(dataclasses.replace(HEALTHY, bit_entropy=(1, 0, 1, 1, 1, 1, 1, 1)))
    assert any("Bit 1 is" in finding["meaning"] for finding in one["findings"])


def test_nothing_is_said_where_nothing_is_known():
    assert health(None)["verdict"] == "unknown"
    few = health(dataclasses.replace(HEALTHY, documents=FEWEST - 1))
    assert (few["verdict"], few["findings"]) == ("unknown", [])
    assert "99 documents are too few" in few["summary"]


def test_what_a_card_does_not_know_is_left_out():
    card = {
        "bits": 2,
        "corpus": {"name": "c", "documents_by_part": {"train": 400}},
        "codes": {
            "measured_on": "the training documents",
            "in_use": 4,
            "possible": 4,
            "dead_bits": 0,
            "entropy_in_bits": 1.9,
            "entropy_of_each_bit": [0.95, 0.95],
        },
    }
    use = CodeUse.of_card(card)
    assert use is not None and use.source == "the training documents of c"
    found = health(use)
    assert found["verdict"] == "good" and len(found["findings"]) == 3
    assert CodeUse.of_card({**card, "codes": None}) is None


def test_long_codes_are_not_written_out():
    use = CodeUse.of_buckets("x", np.eye(2, 64, dtype=np.uint8), np.array([99, 9]), 0)
    assert health(use)["findings"][0]["value"] == "2 of 2^64 possible"
