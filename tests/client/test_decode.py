from __future__ import annotations

import numpy as np
import pytest

from tests.client.toy_model import toy_bits, toy_hash, toy_search, toy_topics
from wish_tf.client.decode import (
    decode_code_length,
    decode_hash,
    decode_search,
    decode_topics,
)
from wish_tf.client.errors import InvalidRequest, ServerError

TEXTS = ["red", "green", "", "blue"]


def as_lists(outputs: dict[str, np.ndarray]) -> dict[str, list]:
    return {name: values.tolist() for name, values in outputs.items()}


@pytest.mark.parametrize("form", [dict, as_lists])
def test_codes_are_those_that_were_sent(form):
    hashed = decode_hash(form(toy_hash(TEXTS)), 4)
    assert hashed.bits.tolist() == [toy_bits(text) for text in TEXTS]
    assert hashed.out_of_vocabulary.tolist() == [False, False, True, False]
    assert [row.tobytes() for row in hashed.packed] == toy_hash(TEXTS)[
        "code_bytes"
    ].tolist()
    np.testing.assert_array_equal(
        hashed.probabilities, toy_hash(TEXTS)["probabilities"], strict=True
    )


def test_a_probability_that_is_no_number_is_no_bit():
    outputs = as_lists(toy_hash(["red"]))
    off = outputs["bits"][0].index(0)
    outputs["probabilities"][0][off] = float("nan")
    hashed = decode_hash(outputs, 1)
    assert np.isnan(hashed.probabilities[0, off])
    assert hashed.bits.tolist() == [toy_bits("red")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bits": None}, "exported by wish-tf; the server sent code_bytes, out_of"),
        ({"bits": [[1, 0], [1]]}, "bits of one shape; the server sent rows of"),
        (
            {"bits": [[0.5], [1]]},
            "bits to be an array of integers; .* float64 of shape",
        ),
        ({"bits": 1}, r"bits to be an array of integers; .* int64 of shape \(\)"),
        ({"bits": [[2, 0], [0, 0]]}, "no codes: expected bits of 0 and 1 only; got 2"),
        ({"bits": [[1, 0]]}, "expected 2 predictions; the server sent 1 and 2$"),
        ({"code_bytes": [b"\x80"]}, "expected 2 predictions; .* 1 and 2$"),
        (
            {"out_of_vocabulary": [0, 1]},
            "out_of_vocabulary to be an array of booleans; .* int64",
        ),
        ({"out_of_vocabulary": [[True], [False]]}, "a flag a text; .* and \\(2, 1\\)"),
        ({"probabilities": [["a"], ["b"]]}, "probabilities to be an array of numbers"),
        ({"probabilities": [[0.9], [0.1]]}, "probabilities of shape \\(2, 2\\)"),
        (
            {"probabilities": [[0.9, 0.1], [0.1, 0.1]]},
            "bits that agree with their probabilities; .* text 1 of a request",
        ),
        (
            {"code_bytes": [b"\x80", b"\x41"]},
            "code_bytes that are the packed bits; .* others for text 1 of a request",
        ),
        ({"code_bytes": [b"\x80", b"\x40\x00"]}, "code_bytes that are the packed"),
        ({"code_bytes": ["\x80", b"\x40"]}, "code_bytes that are the packed .* text 0"),
    ],
)
def test_outputs_that_cannot_be_codes_are_refused(changes, sentence):
    outputs = {
        "bits": [[1, 0], [0, 1]],
        "code_bytes": [b"\x80", b"\x40"],
        "probabilities": [[0.9, 0.1], [0.1, 0.9]],
        "out_of_vocabulary": [False, True],
    }
    assert decode_hash(outputs, 2).bits.tolist() == [[1, 0], [0, 1]]
    changed = {k: v for k, v in (outputs | changes).items() if v is not None}
    with pytest.raises(ServerError, match=sentence) as caught:
        decode_hash(changed, 2)
    assert caught.value.status == 200 and not caught.value.transient


def test_topics_are_words_with_weights():
    topics = decode_topics(as_lists(toy_topics(3)), 3)
    assert len(topics) == 11 and [len(bit) for bit in topics] == [3] * 11
    assert topics[2][1][0] == "word21\u00e9"
    assert topics[2][1][1] == pytest.approx((33 - 1 - 7) / 7)


def test_words_that_another_request_asked_for_are_left_out():
    outputs = as_lists(toy_topics(3))
    for bit, weights in zip(outputs["words"][0], outputs["weights"][0], strict=True):
        bit += ["", ""]
        weights += [0.0, 0.0]
    assert decode_topics(outputs, 3) == decode_topics(as_lists(toy_topics(3)), 3)


@pytest.mark.parametrize(
    "outputs",
    [
        {"words": [[["a"]]]},
        {"words": [[["a"]]], "weights": [[[1.0, 2.0]]]},
        {"words": [[["a"], ["b", "c"]]], "weights": [[[1.0], [2.0]]]},
        {"words": [[[b"a"]]], "weights": [[[1.0]]]},
        {"words": [["a"]], "weights": [[1.0]]},
        {"words": [[["a"]]] * 2, "weights": [[[1.0]]] * 2},
        {"words": [[["a"]]], "weights": [[["1"]]]},
        {"words": "a", "weights": 1.0},
    ],
)
def test_outputs_that_cannot_be_topics_are_refused(outputs):
    with pytest.raises(ServerError, match="^expected .*; the server sent "):
        decode_topics(outputs, 3)


@pytest.mark.parametrize("form", [dict, as_lists])
def test_documents_are_cut_and_filled_up_to_k(form):
    outputs = form(toy_search(["red", ""], [3, 3]))
    for k in (1, 3, 5):
        found = decode_search(outputs, 2, k)
        names = ["redé0", "redé1", "redé2", "", ""][:k]
        assert found.ids.tolist() == [names, [""] * k]
        assert found.distances.tolist() == [[0, 1, 2, -1, -1][:k], [-1] * k]
        assert found.distances.dtype == np.int32
        assert found.out_of_vocabulary.tolist() == [False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": None},
        {"ids": [["a", "b"]]},
        {"ids": [["a"], ["b", "c"]]},
        {"ids": [[b"a"], [b"b"]]},
        {"ids": ["a", "b"], "distances": [0, 1]},
        {"distances": [[0.5], [1]]},
        {"distances": [[0, 1], [1, 1]]},
        {"out_of_vocabulary": [0, 1]},
        {"out_of_vocabulary": [True]},
        {"bad_k": [0, 1]},
        {"ids": [["a"]] * 3, "distances": [[1]] * 3, "out_of_vocabulary": [True] * 3},
    ],
)
def test_outputs_that_cannot_be_documents_are_refused(changes):
    outputs = {
        "ids": [["a"], ["b"]],
        "distances": [[0], [1]],
        "out_of_vocabulary": [False, False],
        "bad_k": [False, False],
    }
    assert decode_search(outputs, 2, 1).ids.tolist() == [["a"], ["b"]]
    changed = {k: v for k, v in (outputs | changes).items() if v is not None}
    with pytest.raises(ServerError, match="^expected .*; the server sent "):
        decode_search(changed, 2, 1)


def test_a_k_above_the_largest_of_the_export_is_refused():
    outputs = toy_search(["red", ""], [3, 3]) | {"bad_k": np.array([True, True])}
    with pytest.raises(InvalidRequest, match="expected k from 1 to the largest of"):
        decode_search(outputs, 2, 101)


@pytest.mark.parametrize("metadata", [{}, [], None, {"metadata": {"signature_def": 1}}])
def test_metadata_of_another_model_is_refused(metadata):
    with pytest.raises(ServerError, match="^expected the signature 'hash' of a model"):
        decode_code_length(metadata)
