from dataclasses import replace

import numpy as np

from tests.training.planted import planted_rows, purity
from wish_tf.layers.topic_space import all_codes
from wish_tf.training.topic_annealing import Annealing, TopicAnnealing
from wish_tf.training.topics import Topics

SETTINGS = Annealing(
    steps=120,
    fewest_steps=120,
    vocabulary=1000,
    beta=(0.2, 6.0),
    flip=(0.1, 0.02),
    prior=0.0,
)


def likeliest_codes(topics: Topics, rows) -> np.ndarray:
    codes = all_codes(topics.words.shape[0])
    logits = (codes - 0.5) @ topics.words + topics.bias
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return codes[(rows @ log_p.T).argmax(axis=1)]


def test_planted_groups_get_codes_of_their_own():
    rows, groups = planted_rows()
    topics = TopicAnnealing(rows, 2, SETTINGS).run()
    codes = likeliest_codes(topics, rows)
    assert purity(codes, groups) > 0.98
    assert len(np.unique(codes, axis=0)) == 4


def test_small_batches_find_the_groups_too():
    rows, groups = planted_rows()
    topics = TopicAnnealing(rows, 2, replace(SETTINGS, batch_size=150)).run()
    assert purity(likeliest_codes(topics, rows), groups) > 0.98


def test_rare_words_are_left_at_their_frequency():
    rows, _ = planted_rows()
    topics = TopicAnnealing(rows, 2, replace(SETTINGS, vocabulary=60)).run()
    assert topics.words.shape == (2, 100) and topics.bias.shape == (100,)
    totals = np.asarray(rows.sum(axis=0)).ravel()
    rare = np.argsort(-totals, kind="stable")[60:]
    assert not topics.words[:, rare].any()
    np.testing.assert_allclose(
        topics.bias[rare], np.log(totals[rare] / totals.sum()), atol=1e-3
    )
    assert np.abs(topics.words).sum(axis=0).astype(bool).sum() == 60


def test_a_prior_makes_topics_smaller():
    rows, _ = planted_rows()
    free = TopicAnnealing(rows, 2, SETTINGS).run()
    held = TopicAnnealing(rows, 2, replace(SETTINGS, prior=20.0)).run()
    assert np.linalg.norm(held.words) < 0.9 * np.linalg.norm(free.words)


def test_steps_are_reported_and_repeat_with_the_seed():
    rows, _ = planted_rows(60)
    settings = replace(SETTINGS, steps=10)
    seen: list[tuple[int, int]] = []
    one = TopicAnnealing(rows, 2, settings, 3).run(
        lambda step, of, state: seen.append((step, of))
    )
    two = TopicAnnealing(rows, 2, settings, 3).run()
    other = TopicAnnealing(rows, 2, settings, 4).run()
    assert seen == [(step, 10) for step in range(1, 11)]
    np.testing.assert_allclose(one.words, two.words, rtol=1e-4, atol=1e-5)
    assert np.abs(one.words - other.words).max() > 0.01


def test_a_small_corpus_takes_fewer_steps():
    settings = Annealing(steps=500, steps_a_text=0.1, fewest_steps=100)
    wanted = {300: 100, 2000: 200, 15_000: 500}
    assert {n: settings.steps_for(n) for n in wanted} == wanted
