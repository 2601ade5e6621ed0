import numpy as np
import pytest

from tests.training.planted import planted_rows
from wish_tf.layers import TopicSpace
from wish_tf.layers.topic_space import all_codes
from wish_tf.training.topics import Topics


@pytest.mark.parametrize("flip", [0.0, 0.1])
def test_probabilities_are_those_of_the_posterior(flip):
    rows, _ = planted_rows(20)
    rng = np.random.default_rng(0)
    words, bias = rng.normal(size=(3, 100)), rng.normal(size=100)
    topics = Topics(words.astype(np.float32), bias.astype(np.float32))
    codes = all_codes(3)
    logits = (codes - 0.5) @ words + bias
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    likelihood = rows @ log_p.T
    distance = np.bitwise_count(np.arange(8)[:, None] ^ np.arange(8))
    likelihood = likelihood @ (flip**distance * (1 - flip) ** (3 - distance))
    posterior = np.exp(0.5 * likelihood)
    posterior /= posterior.sum(axis=1, keepdims=True)
    # The space computes it, from the evidence.
    space = TopicSpace(decoders=1, bits=3, lsa_dimensions=1, lsa_weight=0.7)
    space.build((None, 100))
    directions, partitions = topics.evidence(0.5, flip)
    space.directions.assign(directions.T)
    space.partitions.assign(partitions[np.newaxis])
    found = space.probabilities(rows.toarray()).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, posterior @ codes, rtol=1e-4)
