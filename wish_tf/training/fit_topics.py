from __future__ import annotations

import numpy as np
import tensorflow as tf

from wish_tf.optimizers import LazyAdam
from wish_tf.training.heavy_words import HeavyWords
from wish_tf.training.topics import Topics
from wish_tf.types import Csr

STEPS = 200
LEARNING_RATE = 0.1


def fit_topics(
    rows: Csr,
    clusters: np.ndarray,
    codes: np.ndarray,
    *,
    vocabulary: int,
    prior: float,
) -> Topics:
    """Returns the topics that rebuild texts best from given codes.

    That is the decoder's part of Eq. 2 of the paper with z fixed: concave, so the
    start does not matter. The gradient is the words expected less the words
    observed, and needs a text's words once, before the first step.

    Args:
        rows: tf-idf rows, CSR float32 [n, words].
        clusters: of the texts, int [n].
        codes: of the clusters, 0/1 [k, bits].
        vocabulary: how many of the heaviest words have a part in topics.
        prior: weight of a Gaussian prior on what topics add to logits.
    """
    heavy = HeavyWords(rows, vocabulary)
    rows = rows[:, heavy.numbers]
    n, k = rows.shape[0], len(codes)
    # The bias is one more topic, which every text selects.
    selection = np.concatenate([codes - 0.5, np.ones((k, 1))], axis=1)
    observed = tf.constant(selection[clusters].T @ rows, tf.float32)
    weight = np.bincount(clusters, np.asarray(rows.sum(axis=1))[:, 0], k)
    weight = tf.constant(weight[:, np.newaxis], tf.float32)
    selection = tf.constant(selection, tf.float32)
    start = np.zeros(observed.shape, np.float32)
    start[-1] = heavy.bias
    words = tf.Variable(start)
    priors = np.full((len(start), 1), prior, np.float32)
    priors[-1] = 0
    optimizer = LazyAdam(LEARNING_RATE)
    optimizer.build([words])

    @tf.function
    def step(rate: tf.Tensor) -> None:
        expected = weight * tf.nn.softmax(tf.matmul(selection, words))
        gradient = tf.matmul(selection, expected, transpose_a=True) - observed
        optimizer.learning_rate.assign(rate)
        optimizer.apply([(gradient + priors * words) / n], [words])

    for done in np.linspace(0, 1, STEPS, endpoint=False):
        step(tf.constant(LEARNING_RATE * (1 - done), tf.float32))
    found = words.numpy()
    return heavy.topics(found[:-1], found[-1])
