from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np
import tensorflow as tf

from wish_tf.codes import codes_to_int
from wish_tf.optimizers import LazyAdam
from wish_tf.training.heavy_words import HeavyWords
from wish_tf.training.topics import Topics
from wish_tf.types import Csr

STEPS = 200
LEARNING_RATE = 0.1
# So many different codes, or where there are more, texts have a part in a step: it
# computes the probability of every word for each.
MOST_CODES = 2048


def fit_topics(
    rows: Csr, codes: np.ndarray, *, vocabulary: int, prior: float, seed: int = 0
) -> Topics:
    """Returns the topics that rebuild texts best from given codes.

    That is the decoder's part of Eq. 2 of the paper with z fixed: concave, so the
    start does not matter. The gradient is the words expected less the words
    observed. Where texts share few codes their words are needed once, before the
    first step; else each step takes some of the texts.

    Args:
        rows: tf-idf rows, CSR float32 [n, words].
        codes: of the texts, 0/1 [n, bits].
        vocabulary: how many of the heaviest words have a part in topics.
        prior: weight of a Gaussian prior on what topics add to logits.
        seed: of the texts that a step takes.
    """
    heavy = HeavyWords(rows, vocabulary)
    rows = rows[:, heavy.numbers].tocsr()
    n, bits = codes.shape
    start = np.zeros((bits + 1, len(heavy.numbers)), np.float32)
    start[-1] = heavy.bias
    words = tf.Variable(start)
    priors = np.full((bits + 1, 1), prior / n, np.float32)
    priors[-1] = 0
    optimizer = LazyAdam(LEARNING_RATE)
    optimizer.build([words])

    @tf.function
    def step(
        rate: tf.Tensor, selection: tf.Tensor, weight: tf.Tensor, observed: tf.Tensor
    ) -> None:
        expected = weight * tf.nn.softmax(tf.matmul(selection, words))
        gradient = tf.matmul(selection, expected, transpose_a=True) - observed
        optimizer.learning_rate.assign(rate)
        optimizer.apply([gradient + priors * words], [words])

    seen = _seen(rows, codes, seed)
    for done in np.linspace(0, 1, STEPS, endpoint=False):
        step(tf.constant(LEARNING_RATE * (1 - done), tf.float32), *next(seen))
    found = words.numpy()
    return heavy.topics(found[:-1], found[-1])


def _seen(
    rows: Csr, codes: np.ndarray, seed: int
) -> Iterator[tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    """Yields what each step sees, without end.

    That is what k codes select, [k, bits + 1]; the word weight of the texts that have
    each, [k, 1]; and what is observed of each word where a topic is selected, [bits +
    1, words]; the last two are means over texts. All are float32.
    """
    weight = np.asarray(rows.sum(axis=1))[:, 0]
    _, first, code_of = np.unique(
        codes_to_int(codes), return_index=True, return_inverse=True
    )
    if len(first) <= MOST_CODES:
        selection = _selection(codes[first])
        weight = np.bincount(code_of, weight)
        observed = selection[code_of].T @ rows
        yield from repeat(_tensors(selection, weight, observed, len(codes)))
    else:
        random = np.random.default_rng(seed)
        while True:
            some = random.choice(len(codes), MOST_CODES, replace=False)
            selection = _selection(codes[some])
            observed = selection.T @ rows[some]
            yield _tensors(selection, weight[some], observed, MOST_CODES)


def _selection(codes: np.ndarray) -> np.ndarray:
    # The bias is one more topic, which every text selects.
    return np.hstack([codes - 0.5, np.ones((len(codes), 1))]).astype(np.float32)


def _tensors(
    selection: np.ndarray, weight: np.ndarray, observed: np.ndarray, texts: int
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    return (
        tf.constant(selection),
        tf.constant(weight[:, np.newaxis] / texts, tf.float32),
        tf.constant(observed / texts, tf.float32),
    )
