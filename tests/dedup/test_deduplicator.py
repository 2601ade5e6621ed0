from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array

from tests.dedup.brute_force import cosines, first_of_groups
from wish_tf.dedup import Deduplicator, code_blocks, deduplicator, prefix_join
from wish_tf.errors import InputError

WORDS = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "!", "?"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join), min_size=1, max_size=16
)
THRESHOLDS = st.sampled_from([0.3, 0.5, 0.7, 0.8, 0.9, 1.0])


@st.composite
def texts_and_codes(draw):
    texts = draw(TEXTS)
    bits = draw(st.integers(1, 20))
    seed = draw(st.integers(0, 2**16))
    codes = np.random.default_rng(seed).integers(0, 2, (len(texts), bits), np.uint8)
    return texts, codes


def small_blocks(patch) -> None:
    """Lets a handful of texts take the ways that millions take."""
    patch.setattr(code_blocks, "BLOCK_ROWS", 3)
    patch.setattr(code_blocks, "BUCKET_BITS", 4)
    patch.setattr(prefix_join, "PRODUCTS", 5)
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


@settings(max_examples=80, deadline=None)
@given(texts=TEXTS, threshold=THRESHOLDS, small=st.booleans())
def test_without_codes_every_pair_is_found(texts, threshold, small):
    similar = cosines(texts)
    assume(threshold == 1 or (np.abs(similar - threshold) > 1e-5).all())
    with pytest.MonkeyPatch.context() as patch:
        if small:
            small_blocks(patch)
        found = Deduplicator(threshold).find(texts)
    check(found, similar >= threshold - 1e-6)
    expected = similar[np.arange(len(texts)), found.first]
    expected[~found.is_duplicate] = 1
    np.testing.assert_allclose(found.similarity, expected, atol=1e-5)
    assert found.within_radius == found.distinct * (found.distinct - 1) // 2
    assert found.checked <= found.candidates <= found.within_radius


@settings(max_examples=80, deadline=None)
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
    similar = cosines(texts)
    assume(threshold == 1 or (np.abs(similar - threshold) > 1e-5).all())
    # Texts with equal rows are one text, whose code is the first one's.
    first = first_of_groups(similar > 1 - 1e-9)
    assume(len(set(first)) == len(np.unique(similar.round(5), axis=0)))
    apart = (codes[first][:, None] != codes[first][None]).sum(axis=2)
    with pytest.MonkeyPatch.context() as patch:
        if small:
            small_blocks(patch)
        found = Deduplicator(threshold, radius).find(texts, codes)
    check(found, (similar >= threshold - 1e-6) & (apart <= radius))


def test_the_codes_spare_pairs_and_miss_what_is_further_apart():
    texts = ["one two three four"] * 2 + ["one two three four five"] * 2
    codes = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    both = Deduplicator(0.6, radius=2).find(texts, codes)
    assert both.first.tolist() == [0, 0, 0, 0] and both.within_radius == 1
    apart = Deduplicator(0.6, radius=1).find(texts, codes)
    assert apart.first.tolist() == [0, 0, 2, 2] and apart.within_radius == 0


def test_texts_without_a_word_are_compared_as_they_are():
    texts = ["?!  A", "", "a b", "?! a", "word", " ", "A  B"]
    found = Deduplicator().find(texts)
    assert found.first.tolist() == [0, 1, 2, 0, 4, 1, 2]
    assert found.similarity.tolist() == [1] * 7
    assert Deduplicator().find(["?", "!", "?"]).first.tolist() == [0, 1, 0]


def test_nothing_and_one():
    assert Deduplicator().find([]).groups == []
    assert Deduplicator().find(["one text"]).first.tolist() == [0]
    assert Deduplicator().find_rows(csr_array((0, 3))).groups == []


def test_ten_thousand_equal_texts_are_one_row():
    found = Deduplicator().find(["the same text"] * 10_000)
    assert found.distinct == 1 and found.within_radius == 0
    assert found.groups[0].tolist() == list(range(10_000))


def test_rows_of_any_norm():
    rows = np.array([[3, 4, 0], [30, 41, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1e-3]])
    found = Deduplicator(0.99).find_rows(csr_array(rows))
    assert found.first.tolist() == [0, 0, 2, 3, 4]


def test_negative_values_miss_nothing():
    rng = np.random.default_rng(0)
    rows = random_array((60, 8), density=0.5, rng=rng, data_sampler=rng.normal)
    found = Deduplicator(0.7).find_rows(rows.tocsr())
    dense = rows.toarray()
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)
    assert found.first.tolist() == first_of_groups(dense @ dense.T >= 0.7)


def test_memory_of_a_huge_bucket_is_bounded():
    rng = np.random.default_rng(0)
    # Every row shares words with every other: all pairs are candidates.
    rows = random_array((1200, 40), density=0.5, rng=rng).tocsr()
    peaks = []
    for products in (1 << 14, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prefix_join, "PRODUCTS", products)
            patch.setattr(deduplicator, "PAIRS", 1 << 10)
            tracemalloc.start()
            found = Deduplicator(0.99).find_rows(rows)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert found.candidates > 250_000
    assert peaks[0] * 3 < peaks[1]


def test_one_large_group_takes_few_cosines():
    rng = np.random.default_rng(0)
    rows = csr_array(1 + 0.01 * rng.random((2000, 20)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deduplicator, "PAIRS", 4096)
        found = Deduplicator(0.9).find_rows(rows)
    assert len(found.groups) == 1 and found.candidates == found.within_radius
    assert found.checked < found.candidates / 100


def test_progress_ends_with_all_pairs():
    calls = []
    codes = np.array([[0], [1], [0], [1]])
    texts = ["one two", "two three", "three four", "four five"]
    Deduplicator(radius=0).find(
        texts, codes, on_progress=lambda *state: calls.append(state)
    )
    assert calls == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Deduplicator(0), "threshold above 0 and at most 1; got 0"),
        (lambda: Deduplicator(1.01), "got 1.01"),
        (lambda: Deduplicator(float("nan")), "got nan"),
        (lambda: Deduplicator(radius=-1), "radius of at least 0; got -1"),
        (lambda: Deduplicator(radius=1.5), "radius to be an integer; got 1.5"),
        (
            lambda: Deduplicator().find(["one", "two"], [[0, 1]]),
            "a code for each of 2 texts; got 1",
        ),
        (lambda: Deduplicator().find(["one"], [[2]]), "only 0 and 1; got 2"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
