from __future__ import annotations

import tracemalloc
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.brute_force import first_of_groups, similarities
from wish_tf.dedup import Deduplicator, code_blocks, deduplicator, prefix_join, shingles
from wish_tf.errors import InputError

WORDS = ["aa", "b", "C", "c++", "1.2", "1.3", "É", "E\u0301", "कार", "東京", "👍", "!"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join), min_size=1, max_size=16
)
THRESHOLDS = st.sampled_from([0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0])


@st.composite
def texts_and_codes(draw):
    texts = draw(TEXTS)
    bits = draw(st.integers(1, 20))
    seed = draw(st.integers(0, 2**16))
    codes = np.random.default_rng(seed).integers(0, 2, (len(texts), bits), np.uint8)
    return texts, codes


def small_blocks(patch) -> None:
    """Lets a handful of texts take the ways that millions take."""
    patch.setattr(code_blocks, "BLOCK", 3 * code_blocks.TEXT + 20)
    patch.setattr(code_blocks, "BUCKET_BITS", 4)
    patch.setattr(prefix_join, "PRODUCTS", 5)
    patch.setattr(prefix_join, "SHINGLES", 20)
    patch.setattr(deduplicator, "PAIRS", 2)


def check(found, linked) -> None:
    assert found.first.tolist() == first_of_groups(linked)
    members = [group.tolist() for group in found.groups]
    assert members == [
        np.flatnonzero(found.first == first).tolist()
        for first in np.unique(found.first)
        if (found.first == first).sum() > 1
    ]
    assert found.is_duplicate.sum() == sum(len(group) - 1 for group in members)


@settings(max_examples=80)
@given(texts=TEXTS, threshold=THRESHOLDS, small=st.booleans())
def test_without_codes_every_pair_is_found(texts, threshold, small):
    similar = similarities(texts)
    with pytest.MonkeyPatch.context() as patch:
        if small:
            small_blocks(patch)
        found = Deduplicator(threshold).find(texts)
    check(found, similar >= threshold)
    expected = similar[np.arange(len(texts)), found.first]
    assert found.similarity.tolist() == expected.tolist()
    assert found.within_radius == found.distinct * (found.distinct - 1) // 2
    assert found.checked <= found.candidates <= found.within_radius


@settings(max_examples=80)
@given(
    given_=texts_and_codes(),
    threshold=THRESHOLDS,
    radius=st.integers(0, 4),
    small=st.booleans(),
)
def test_with_codes_every_pair_within_the_radius_is_found(
    given_, threshold, radius, small
):
    texts, codes = given_
    similar = similarities(texts)
    # Equal texts are one text, whose code is the first one's.
    first = first_of_groups(similar == 1)
    apart = (codes[first][:, None] != codes[first][None]).sum(axis=2)
    with pytest.MonkeyPatch.context() as patch:
        if small:
            small_blocks(patch)
        found = Deduplicator(threshold, radius).find(texts, codes)
    check(found, (similar >= threshold) & (apart <= radius))


@given(texts=TEXTS, threshold=THRESHOLDS, seed=st.integers(0, 99))
def test_case_space_composition_and_order_of_the_texts_are_nothing(
    texts, threshold, seed
):
    found = Deduplicator(threshold).find(texts)
    changed = [f"\t{text.swapcase()}  ".replace(" ", "\u3000") for text in texts]
    assert Deduplicator(threshold).find(changed).first.tolist() == found.first.tolist()
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = Deduplicator(threshold).find([texts[at] for at in order])
    groups = {frozenset(order[group].tolist()) for group in shuffled.groups}
    assert groups == {frozenset(group.tolist()) for group in found.groups}


@given(st.lists(st.text("ab1+ A", max_size=5), max_size=20))
def test_at_one_only_equal_texts_are_merged(texts):
    found = Deduplicator(1).find(texts)
    whole = [" ".join(text.lower().split()) for text in texts]
    assert found.first.tolist() == [whole.index(text) for text in whole]
    assert found.candidates == 0


@pytest.mark.parametrize("threshold", [0.5, 0.8, 1])
@pytest.mark.parametrize(
    "texts",
    [
        "मेरी दीदी को पानी दो|तेरी नानी को रोटी दो|सीता ने आम खाया|राधा ने आम तोड़ा",
        "我喜欢吃苹果|他昨天去了北京|今天天气很好",
        "C|C++|R|+|👍|👎||a",
    ],
)
def test_different_texts_stay(texts, threshold):
    texts = texts.split("|")
    found = Deduplicator(threshold).find(texts)
    assert found.first.tolist() == list(range(len(texts)))


def test_a_letter_a_digit_or_a_sign_is_a_difference():
    texts = [
        "Guidelines for patients with type 1 diabetes",
        "Guidelines for patients with type 2 diabetes",
        "Release notes of version 1.2",
        "Release notes of version 1.3",
        "Release notes of version 2.0",
        "We are hiring a senior C developer",
        "We are hiring a senior C++ developer",
        "We are hiring a senior R developer",
    ]
    assert Deduplicator(1).find(texts).groups == []
    # Words, signs, neighbours, the text: 19 of 7 + 8 + 1 each less 3 and the text.
    found = Deduplicator(0.6).find(texts[:2])
    assert found.similarity[1] == 12 / 20 and found.first.tolist() == [0, 0]


def test_composed_and_decomposed_forms_are_one():
    text = "Un protégé a préféré un café"
    found = Deduplicator(1).find([text, unicodedata.normalize("NFD", text.upper())])
    assert found.first.tolist() == [0, 0]


def test_the_codes_spare_pairs_and_miss_what_is_further_apart():
    texts = ["one two three four"] * 2 + ["one two three four five"] * 2
    codes = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    both = Deduplicator(0.5, radius=2).find(texts, codes)
    assert both.first.tolist() == [0, 0, 0, 0] and both.within_radius == 1
    apart = Deduplicator(0.5, radius=1).find(texts, codes)
    assert apart.first.tolist() == [0, 0, 2, 2] and apart.within_radius == 0


def test_texts_without_a_word():
    texts = ["?!  A", "", "a b", "?! a", "word", " ", "A  B"]
    found = Deduplicator().find(texts)
    assert found.first.tolist() == [0, 1, 2, 0, 4, 1, 2]
    assert found.similarity.tolist() == [1] * 7
    assert Deduplicator().find(["?", "!", "?"]).first.tolist() == [0, 1, 0]


def test_nothing_and_one():
    assert Deduplicator().find([]).groups == []
    assert Deduplicator().find(["one text"]).first.tolist() == [0]


def test_ten_thousand_equal_texts_are_one():
    found = Deduplicator().find(["the same text"] * 10_000)
    assert found.distinct == 1 and found.within_radius == 0
    assert found.groups[0].tolist() == list(range(10_000))


def test_long_texts():
    rng = np.random.default_rng(0)
    texts = [" ".join(map(str, rng.integers(3000, size=5000))) for _ in range(3)]
    texts.append(f"{texts[1]} and more")
    found = Deduplicator(0.99).find(texts)
    assert found.first.tolist() == [0, 1, 2, 1]
    assert found.similarity[3] == similarities(texts)[3, 1]


def test_memory_of_a_huge_bucket_is_bounded():
    rng = np.random.default_rng(0)
    # Every text shares words with every other: all pairs are candidates.
    texts = [" ".join(map(str, rng.permutation(20))) for _ in range(1200)]
    peaks = []
    for products in (1 << 14, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prefix_join, "PRODUCTS", products)
            patch.setattr(deduplicator, "PAIRS", 1 << 10)
            tracemalloc.start()
            found = Deduplicator(0.3).find(texts)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert found.candidates > 250_000
    assert peaks[0] * 3 < peaks[1]


def test_memory_does_not_grow_with_the_length_of_the_texts():
    rng = np.random.default_rng(0)
    peaks = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "CHARACTERS", 1 << 16)
        patch.setattr(shingles, "GATHERED", 1 << 14)
        patch.setattr(code_blocks, "BLOCK", 1 << 14)
        patch.setattr(prefix_join, "PRODUCTS", 1 << 12)
        patch.setattr(prefix_join, "SHINGLES", 1 << 14)
        patch.setattr(prefix_join, "CLASS_BITS", 14)
        for length in (300, 1500):
            words = rng.integers(1 << 14, size=(400, length)).tolist()
            texts = [" ".join(map(str, row)) for row in [*words, words[7][1:]]]
            tracemalloc.start()
            found = Deduplicator(0.5).find(texts)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert [group.tolist() for group in found.groups] == [[7, 400]]
    # Held at once, the longer ones' shingles alone are 4.8 MB.
    assert peaks[1] < 1.25 * peaks[0]


def test_one_large_group_takes_few_comparisons():
    texts = [f"one two three four five six seven {i}" for i in range(2000)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deduplicator, "PAIRS", 4096)
        found = Deduplicator(0.5).find(texts)
    assert len(found.groups) == 1 and found.candidates == found.within_radius
    assert found.checked < found.candidates / 100


def test_progress_ends_with_all_texts():
    calls = []
    codes = np.array([[0], [1], [0], [1]])
    texts = ["one two", "two three", "three four", "four five"]
    Deduplicator(radius=0).find(
        texts, codes, on_progress=lambda *state: calls.append(state)
    )
    assert calls == [(2, 4), (4, 4)]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Deduplicator(0), "threshold above 0 and at most 1; got 0"),
        (lambda: Deduplicator(1.01), "got 1.01"),
        (lambda: Deduplicator(float("nan")), "got nan"),
        (lambda: Deduplicator(radius=-1), "radius .* from 0; got -1"),
        (
            lambda: Deduplicator(radius=1.5),
            "radius .* from 0; got 1.5",
        ),
        (
            lambda: Deduplicator().find(["one", "two"], [[0, 1]]),
            "a code for each of 2 texts; got 1",
        ),
        (lambda: Deduplicator().find(["one"], [[2]]), "of 0 and 1 only; got 2"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
