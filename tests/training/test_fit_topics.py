import sys

import numpy as np
import scipy.sparse

from tests.training.planted import planted_rows
from wish_tf.training.fit_topics import fit_topics

CODES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_words_get_the_probabilities_they_have_in_the_cluster():
    # Four clusters and three free rows of logits, so exact for an additive corpus.
    chances = np.array([[1, 1, 2, 4], [1, 2, 2, 2], [3, 1, 6, 4], [3, 2, 6, 2]])
    rows = scipy.sparse.csr_matrix(chances.astype(np.float32))
    topics = fit_topics(rows, CODES, vocabulary=4, prior=0.0)
    logits = (CODES - 0.5) @ topics.words + topics.bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    # The first bit triples words 0 and 2; the second halves 0, 3 for word 1.
    np.testing.assert_allclose(
        topics.words[0] - topics.words[0, 1], np.log([3, 1, 3, 1]), atol=0.25
    )
    expected = shares * chances.sum(axis=1, keepdims=True)
    # At the best topics each topic's words are expected as often as observed.
    np.testing.assert_allclose(
        (CODES - 0.5).T @ expected, (CODES - 0.5).T @ chances, atol=0.02
    )


def test_topics_find_the_words_of_the_groups():
    rows, groups = planted_rows()
    topics = fit_topics(rows, CODES[groups], vocabulary=100, prior=0.5)
    of_group = topics.words.reshape(2, 4, 25).mean(axis=2)
    assert (np.sign(of_group) == np.sign(CODES.T - 0.5)).all()


def test_rare_words_are_left_at_their_frequency_and_a_prior_shrinks():
    rows, groups = planted_rows()
    free = fit_topics(rows, CODES[groups], vocabulary=60, prior=0.0)
    assert (np.abs(free.words).sum(axis=0) > 0).sum() == 60
    totals = np.asarray(rows.sum(axis=0)).ravel()
    rare = np.argsort(-totals, kind="stable")[60:]
    np.testing.assert_allclose(
        free.bias[rare], np.log(totals[rare] / totals.sum()), atol=1e-3
    )
    held = fit_topics(rows, CODES[groups], vocabulary=60, prior=50.0)
    assert np.linalg.norm(held.words) < 0.8 * np.linalg.norm(free.words)


def test_where_texts_share_too_few_codes_each_step_takes_some(monkeypatch):
    rows, groups = planted_rows()
    codes = CODES[groups]
    whole = fit_topics(rows, codes, vocabulary=100, prior=0.5)
    monkeypatch.setattr(sys.modules[fit_topics.__module__], "MOST_CODES", 3)
    parts = fit_topics(rows, codes, vocabulary=100, prior=0.5, seed=1)
    assert not np.array_equal(whole.words, parts.words)
    again = fit_topics(rows, codes, vocabulary=100, prior=0.5, seed=1)
    assert np.array_equal(parts.words, again.words)
    of_group = parts.words.reshape(2, 4, 25).mean(axis=2)
    assert (np.sign(of_group) == np.sign(CODES.T - 0.5)).all()
