from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wish_tf.corpora import Corpus
from wish_tf.errors import InputError


def three() -> Corpus:
    return Corpus(
        name="three",
        texts=["one", "two", "three"],
        labels=[("odd",), (), ("odd", "prime")],
        ids=["a", "b", "c"],
        official=["train", "train", "test"],
    )


def test_length_is_the_number_of_documents():
    assert len(three()) == 3


def test_subset_keeps_the_order_of_the_indices_and_every_field():
    assert three().subset(np.array([2, 0])) == Corpus(
        name="three",
        texts=["three", "one"],
        labels=[("odd", "prime"), ("odd",)],
        ids=["c", "a"],
        official=["test", "train"],
    )


def test_subset_of_a_corpus_without_labels_has_none():
    part = Corpus("plain", ["one", "two"], None, ["1", "2"]).subset([1])
    assert part.texts == ["two"]
    assert part.labels is None
    assert part.official is None


def test_a_corpus_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        three().name = "four"


def test_empty_corpus_is_refused():
    with pytest.raises(InputError, match="at least one document; got none in 'none'"):
        Corpus("none", [], None, [])


@pytest.mark.parametrize("field", ["labels", "ids", "official"])
def test_lists_of_unequal_length_are_refused(field):
    good = {"labels": None, "ids": ["1", "2"], "official": None}
    with pytest.raises(InputError) as caught:
        Corpus("bad", ["one", "two"], **{**good, field: [("x",)]})
    assert str(caught.value) == (
        f"expected one entry of {field} for each of the 2 texts of 'bad'; got 1"
    )
