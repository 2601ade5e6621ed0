from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup import brute_force
from wish_tf.dedup import shingles
from wish_tf.dedup.shingles import (
    first_of_equal,
    jaccard,
    normalised,
    shingle_sets,
)

TEXTS = [
    *(
        "",
        "C",
        "R",
        "C++",
        "c ++",
        "C#",
        "a a a",
        "a a",
        "aa",
        "a_b 1.5",
        "👍",
        "👍👍 👎",
    ),
    *(
        "東京都",
        "東京タワー",
        "กาแฟ",
        "कार लाल है",
        "कर लाल है",
        "שָׁלוֹם",
        "Élan",
        "E\u0301LAN",
    ),
    *("\ud800", "nul\0", "Straße", "STRASSE", "a\u00a0b\u2028c", "A  B C", "x²", "x2"),
]


def similarity(one: str, other: str) -> float:
    return float(jaccard(shingle_sets([one, other]), np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The\tCAT\u00a0sat\u3000\n", "the cat sat"),
        ("E\u0301te\u0301", "été"),
        ("STRASSE Straße", "strasse strasse"),
        # Turkish has other small letters; no locale is asked.
        ("TITLE İ ı", "title i\u0307 ı"),
        # Signs stay signs: these are other texts than x2 and 1.
        ("x² ①", "x² ①"),
    ],
)
def test_normalised(text, expected):
    assert normalised(text) == expected


@given(st.text())
def test_normalised_is_as_defined_and_stays(text):
    once = normalised(text)
    assert once == brute_force.whole(text) and normalised(once) == once
    assert once == normalised(f"\n {text.casefold()}\t")


def test_shingles_by_hand():
    # the, cat, sat, each with the next, the start and the end: 7, and the text: 8.
    # The second has a full stop, two more: 9 and 1. In common are all but (sat, end).
    assert similarity("the cat sat", "The cat sat.") == 6 / (8 + 10 - 6)
    # One word of three: the word and both its neighbours differ.
    assert similarity("type 1 it", "type 2 it") == 4 / (8 + 8 - 4)
    # c; start, c. The rest of c, +, (+, +): c, end; c, +; +, end.
    assert similarity("C", "C++") == 2 / (4 + 7 - 2)
    assert similarity("C", "R") == similarity("👍", "👎") == similarity("", "a") == 0
    # Order: of a, b, c the words are in common and no neighbours.
    assert similarity("a b c", "c b a") == 3 / (8 + 8 - 3)
    # Letters of languages without spaces are words: 東, 京, start, 東京.
    assert similarity("東京都", "東京駅") == 4 / (8 + 8 - 4)
    # Marks are of their word: no word is in common.
    assert similarity("मेरी", "मेरे") == 0


def test_shingles_of_all_kinds_of_characters():
    left, right = (pairs.ravel() for pairs in np.indices((len(TEXTS),) * 2))
    expected = brute_force.similarities(TEXTS)
    first = first_of_equal(TEXTS)
    assert first.tolist() == brute_force.first_of_groups(expected == 1)
    different = first[left] != first[right]
    left, right = left[different], right[different]
    found = jaccard(shingle_sets(TEXTS), left, right)
    assert found.tolist() == expected[left, right].tolist()


@given(texts=st.lists(st.text("aAbé1.+ \n👍東京्", max_size=9), max_size=9))
def test_any_batches_and_any_texts(texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "CHARACTERS", 7)
        patch.setattr(shingles, "GATHERED", 3)
        sets = shingle_sets(texts)
        assert sets.sizes.tolist() == [
            len(brute_force.shingles(text)) - 1 for text in texts
        ]
        left, right = np.indices((len(texts),) * 2).reshape(2, -1)
        expected = brute_force.similarities(texts).reshape(-1)
        different = expected < 1
        found = jaccard(sets, left[different], right[different])
    assert found.tolist() == expected[different].tolist()
