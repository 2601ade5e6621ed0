"""Each form of texts, and each thing that is none, at the one place that looks."""

import collections

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from wish_tf import InputError
from wish_tf.checks import check_texts, whole_number

TEXTS = ["a cat", "", "Ein Äffchen", "\ud800 alone"]
PLAIN = TEXTS[:3]


@pytest.mark.parametrize(
    "texts",
    [
        tuple(TEXTS),
        np.array(TEXTS, object),
        (text for text in TEXTS),
        iter(TEXTS),
        map(str, TEXTS),
        dict(enumerate(TEXTS)).values(),
        collections.deque(TEXTS),
        pd.Series(TEXTS, index=[7, 7, "x", None], dtype=object),
        pd.Index(TEXTS, dtype=object),
        [np.str_(text) for text in TEXTS],
    ],
    ids=lambda texts: type(texts).__name__,
)
def test_every_form_gives_what_the_list_gives(texts):
    assert check_texts(texts) == TEXTS


@pytest.mark.parametrize(
    "texts",
    [
        np.array(PLAIN),
        np.array(PLAIN, np.dtypes.StringDType()),
        pd.Series(PLAIN),
        pd.Series(PLAIN, dtype="string"),
        pd.Series(PLAIN, dtype="category"),
        pd.DataFrame({"text": PLAIN})["text"][::-1][::-1],
        pa.array(PLAIN),
        pa.array(PLAIN, pa.large_string()),
        pa.array(PLAIN).dictionary_encode(),
        pa.chunked_array([PLAIN[:1], PLAIN[1:]]),
    ],
    ids=lambda texts: f"{type(texts).__name__}-{getattr(texts, 'dtype', '')}",
)
def test_forms_that_hold_unicode_only(texts):
    found = check_texts(texts)
    assert found == PLAIN and {type(text) for text in found} == {str}


@pytest.mark.parametrize("none", [[], (), np.array([], str), pd.Series([]), iter(())])
def test_no_texts(none):
    assert check_texts(none) == []


@pytest.mark.parametrize(
    ("texts", "came"),
    [
        ("cats and dogs", "a single str"),
        (b"cats", "a single bytes"),
        (pd.DataFrame({"text": PLAIN}), "DataFrame of shape (3, 1)"),
        (np.array([PLAIN]), "ndarray of shape (1, 3)"),
        (np.array("cats"), "ndarray of shape ()"),
        (pa.table({"text": PLAIN}), "Table of shape (3, 1)"),
        ({"a": "cats"}, "dict"),
        (set(PLAIN), "set"),
        (frozenset(PLAIN), "frozenset"),
        (None, "NoneType"),
        (3, "int"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(texts, came):
    with pytest.raises(InputError) as caught:
        check_texts(texts)
    assert str(caught.value) == f"expected a list of texts; got {came}"


@pytest.mark.parametrize(
    ("texts", "came"),
    [
        ([*PLAIN, None], "None at position 3"),
        (["a", float("nan"), None], "nan at position 1"),
        (np.array(["a", np.nan], object), "nan at position 1"),
        (pd.Series(["a", None], dtype="string"), "<NA> at position 1"),
        (pd.Series(["a", None], index=[5, 6]), "nan at position 1"),
        (pa.array(["a", "b", None]), "None at position 2"),
        (["a", b"b"], "bytes at position 1"),
        (np.array([b"a", b"b"]), "bytes at position 0"),
        (["a", 5], "int at position 1"),
        (np.arange(3), "int at position 0"),
        ([["a"]], "list at position 0"),
        ((text for text in ("a", None)), "None at position 1"),
    ],
)
def test_what_is_no_text_is_refused_by_its_position(texts, came):
    with pytest.raises(InputError) as caught:
        check_texts(texts)
    assert str(caught.value) == f"expected texts as strings; got {came}"


def test_whole_numbers():
    assert type(whole_number(np.int64(3), "k", 1)) is int
    for value in (0, 1.0, "1", None, True, np.float32(1)):
        with pytest.raises(InputError, match="^expected k to be a whole number from 1"):
            whole_number(value, "k", 1)
    with pytest.raises(InputError) as caught:
        whole_number(300, "bits", 1, 256)
    assert str(caught.value) == (
        "expected bits to be a whole number from 1 to 256; got 300"
    )
