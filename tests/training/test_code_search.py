import itertools
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from scipy.stats import norm

from wish_tf.naming import NamingSettings, NamingWords
from wish_tf.training import code_search
from wish_tf.training.code_search import CodeSearch, CodeSearchSettings

SETTINGS = CodeSearchSettings(moves=30, starts=2, ranks=(7, 25))
SHOWN = 3


def clustered(k, n=307, vocabulary=60):
    """Rows whose words are likelier in some clusters, the clusters, and how alike
    these are."""
    random = np.random.default_rng(k)
    clusters = np.concatenate([np.arange(k), random.integers(k, size=n - k)])
    likely = random.random((k, vocabulary)) ** 2
    rows = (random.random((n, vocabulary)) < likely[clusters]).astype(np.float32)
    likeness = np.corrcoef(likely)
    # Every word can name a topic here.
    settings = NamingSettings(most_share=1.0, told=0.0)
    words = NamingWords(scipy.sparse.csr_matrix(rows), clusters, settings)
    return words, likeness, rows[:, words.numbers] > 0, clusters


def slow_value(codes, rows, clusters, likeness, settings=SETTINGS):
    """The value of codes of clusters, text by text and word by word."""
    of_texts, n = codes[clusters], len(clusters)

    def found(queries, rank):
        total = 0.0
        for text, query in enumerate(queries):
            apart = (query != of_texts).sum(axis=1)
            left = rank
            for distance in range(codes.shape[1] + 1):
                at = np.flatnonzero(apart == distance)
                if len(at):
                    # Of texts at one distance it is chance which come first.
                    taken = min(left, len(at))
                    alike = likeness[clusters[text], clusters[at]].mean()
                    total += taken / rank * alike
                    left -= taken
        return total / n

    right = np.dot(
        [found(of_texts, rank) for rank in settings.ranks], settings.rank_weights
    )
    wrong = []
    for bit in range(codes.shape[1]):
        queries = of_texts.copy()
        queries[:, bit] ^= 1
        wrong.append(found(queries, settings.ranks[0]))
    value = (1 - settings.wrong_bit) * right + settings.wrong_bit * np.mean(wrong)

    on = of_texts.astype(bool)
    bits, vocabulary = codes.shape[1], rows.shape[1]
    telling = np.array(
        [
            [rows[x, word].mean() - rows[~x, word].mean() for word in range(vocabulary)]
            for x in on.T
        ]
    )
    coherence, gaps, fidelity, outside = [], [], [], 0.0
    for bit in range(bits):
        own = [w for w in range(vocabulary) if telling[:, w].argmax() == bit]
        best = sorted(own, key=lambda w: -telling[bit, w])[:SHOWN]
        assert len(best) == SHOWN  # Else the case is too small.
        # How many of the bit's words a text has; in the two kinds, as if normal.
        counts, x = rows[:, best].sum(axis=1), on[:, bit]
        gap = counts[x].mean() - counts[~x].mean()
        within = x.mean() * counts[x].var() + (~x).mean() * counts[~x].var()
        gaps.append(gap)
        fidelity.append(norm.cdf(gap / np.sqrt(2 * within)))
        pairs = []
        for one, other in itertools.combinations(best, 2):
            both = (rows[:, one] & rows[:, other]).mean()
            alone = rows[:, one].mean() * rows[:, other].mean()
            pairs.append(np.log(both / alone) / -np.log(both) if both else -1)
        coherence.append(np.mean(pairs))
        least, most = settings.on
        outside += max(least - x.mean(), 0) + max(x.mean() - most, 0)
    return (
        value
        + settings.coherence * np.mean(coherence)
        + settings.least_coherence * min(coherence)
        + settings.telling * np.mean(gaps)
        + settings.least_telling * min(gaps)
        + settings.fidelity * np.mean(fidelity)
        + settings.least_fidelity * min(fidelity)
        - settings.outside * outside
    )


def as_bits(numbers, bits):
    return (np.array(numbers)[:, np.newaxis] >> np.arange(bits) & 1).astype(np.uint8)


def test_the_value_is_that_of_a_slow_reference():
    words, likeness, rows, clusters = clustered(5)
    search = CodeSearch(words, likeness, 3, SETTINGS, SHOWN)
    for codes in ([0, 1, 2, 4, 3], [7, 1, 0, 6, 2], [5, 2, 3, 0, 4]):
        codes = np.array(codes)
        expected = slow_value(as_bits(codes, 3), rows, clusters, likeness)
        assert search._exact(codes) == pytest.approx(expected, abs=1e-5)
        rough = replace(SETTINGS, wrong_bit=0.0)
        expected = slow_value(as_bits(codes, 3), rows, clusters, likeness, rough)
        found = search._rough(codes[np.newaxis])[0]
        assert found == pytest.approx(expected, abs=1e-5)


def test_the_best_codes_of_all_are_found():
    words, likeness, rows, clusters = clustered(3)
    found = CodeSearch(words, likeness, 2, SETTINGS, SHOWN).run(seed=0)
    values = {
        codes: slow_value(as_bits(codes, 2), rows, clusters, likeness)
        for codes in itertools.permutations(range(4), 3)
        if as_bits(codes, 2).any(axis=0).all()
    }
    best = max(values, key=values.get)
    numbers = tuple(int(number) for number in found @ [1, 2])
    assert values[numbers] == pytest.approx(values[best], abs=1e-5)
    assert values[best] > sorted(values.values())[-3] + 1e-3


def test_codes_do_not_depend_on_how_many_are_weighed_at_a_time(monkeypatch):
    words, likeness, _, _ = clustered(9)
    found = []
    for at_once in (1, 5, 32):
        monkeypatch.setattr(code_search, "AT_ONCE", at_once)
        found.append(CodeSearch(words, likeness, 5, SETTINGS).run(seed=3))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    other = CodeSearch(words, likeness, 5, SETTINGS).run(seed=4)
    assert (other != found[0]).any()


@pytest.mark.parametrize(
    ("k", "most_on", "most"),
    # Four bits have five codes with at most one bit on, eleven with at most two.
    [(5, 1, 1), (6, 1, 2), (12, 1, 3), (9, 3, 3), (16, 3, 4)],
)
def test_codes_differ_and_have_few_bits_on(k, most_on, most):
    words, likeness, _, _ = clustered(k)
    settings = replace(SETTINGS, most_on=most_on)
    codes = CodeSearch(words, likeness, 4, settings).run(seed=0)
    assert codes.shape == (k, 4) and codes.dtype == np.uint8
    assert len(np.unique(codes, axis=0)) == k
    assert codes.sum(axis=1).max() <= most


def test_every_step_is_told():
    words, likeness, _, _ = clustered(5)
    steps = []
    search = CodeSearch(words, likeness, 3, SETTINGS)
    search.run(0, lambda step, of: steps.append((step, of)))
    assert [step for step, _ in steps] == sorted({step for step, _ in steps})
    assert steps[-1] == (2 * 30 * 5 * 3, 2 * 30 * 5 * 3)


def test_two_clusters_of_texts_without_shared_words_get_codes():
    rows = scipy.sparse.csr_matrix(np.eye(8, dtype=np.float32))
    words = NamingWords(rows, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    codes = CodeSearch(words, np.eye(2), 1, SETTINGS).run(seed=0)
    assert sorted(codes.ravel()) == [0, 1]
