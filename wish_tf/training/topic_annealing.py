from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from wish_tf.data import as_sparse_rows
from wish_tf.optimizers import LazyAdam
from wish_tf.training.code_table import (
    all_codes,
    expected_words,
    log_partitions,
    through_channel,
)
from wish_tf.training.neighbours import Neighbours
from wish_tf.training.topics import Topics

LEARNING_RATE = 0.05
# So many documents have their posteriors [2^l] in memory at a time.
BATCH = 5000


class TopicAnnealing:
    """Learns the decoder's topics without an encoder, by annealed EM.

    The decoder of WISH alone is a mixture of 2^l word distributions that share
    l topics. With few bits the exact posterior over the codes is at hand,

        q(z | d) ~ exp(beta log P(d | z)),

    so no estimator is needed: each step computes it for a batch (E) and takes
    one Adam step on the topics under it (M). Two schedules make the result
    good, and dependably so:

    - beta grows geometrically: at first a document belongs to all codes a
      little, and topics divide the corpus from coarse to fine (deterministic
      annealing; Ueda and Nakano, 1998). No bit can die, because none starts.
    - the code passes through a channel that flips each bit with a small
      probability before it is decoded, so near codes must mean similar words.

    Args:
        rows: tf-idf rows of the training texts, CSR float32 [n, vocabulary].
        bits: number of hash bits, few enough for 2^bits to be enumerated.
        steps: number of training steps, which the schedules span.
        vocabulary: how many of the heaviest words define the topics; rarer ones
            say little and cost as much.
        beta: (first, last) weight of the likelihood.
        flip: (first, last) probability of a flipped bit.
        prior: weight of a Gaussian prior on what topics add to logits; keeps
            words that are seen a few times from defining a topic.
        neighbours: whose words a document takes on, or None.
        seed: of the initial topics and the batches.
    """

    def __init__(
        self,
        rows,
        bits: int,
        *,
        steps: int,
        vocabulary: int,
        beta: tuple[float, float],
        flip: tuple[float, float],
        prior: float,
        neighbours: Neighbours | None = None,
        seed: int = 0,
    ):
        self.bits = bits
        self.steps = steps
        self.beta = beta
        self.flip = flip
        self.prior = prior
        self.neighbours = neighbours
        self._rng = np.random.default_rng(seed)
        totals = np.asarray(rows.sum(axis=0)).ravel() + 1e-2
        self._log_frequencies = np.log(totals / totals.sum()).astype(np.float32)
        self._kept = np.sort(np.argsort(-totals, kind="stable")[:vocabulary])
        rows = rows[:, self._kept]
        self._n, width = rows.shape
        self._rows = as_sparse_rows(rows)
        self._codes = tf.constant(all_codes(bits))
        self._words = tf.Variable(
            self._rng.normal(0, 0.1, (bits, width)), dtype=tf.float32
        )
        self._bias = tf.Variable(self._log_frequencies[self._kept])
        self._sums = self._mixed(np.asarray(rows.sum(axis=1), np.float32))[:, 0]
        self._optimizer = LazyAdam(LEARNING_RATE, beta_2=0.99)
        self._optimizer.build([self._words, self._bias])

    def run(self, on_step: Callable[[int], None] | None = None) -> Topics:
        """Takes all steps.

        Args:
            on_step: called with the number of steps done.
        """
        size = min(BATCH, self._n)
        for step in range(self.steps):
            done = step / self.steps
            first, last = self.beta
            beta = first * (last / first) ** min(1.0, done / 0.7)
            first, last = self.flip
            flip = first + (last - first) * min(1.0, done / 0.9)
            rate = LEARNING_RATE * min(1.0, max(0.05, (1 - done) / 0.3))
            self._optimizer.learning_rate.assign(rate)
            batch = self._rng.choice(self._n, size, replace=False)
            self._step(
                tf.constant(batch),
                tf.constant(beta, tf.float32),
                tf.constant(flip, tf.float32),
            )
            if on_step is not None:
                on_step(step + 1)
        words = np.zeros((self.bits, len(self._log_frequencies)), np.float32)
        words[:, self._kept] = self._words.numpy()
        bias = self._log_frequencies.copy()
        bias[self._kept] = self._bias.numpy()
        return Topics(words, bias)

    @tf.function
    def _step(self, batch: tf.Tensor, beta: tf.Tensor, flip: tf.Tensor) -> None:
        words, bias = self._words.read_value(), self._bias.read_value()
        # E: what each document's words say for each topic, then for each code.
        by_topic = tf.sparse.sparse_dense_matmul(self._rows, tf.transpose(words))
        by_topic = tf.gather(self._mixed(by_topic), batch)
        sums = tf.gather(self._sums, batch)
        partitions = through_channel(
            log_partitions(self._codes, words, bias), self.bits, flip
        )
        scores = (1 - 2 * flip) * tf.matmul(
            by_topic, self._codes - 0.5, transpose_b=True
        )
        posterior = tf.nn.softmax(beta * (scores - sums[:, tf.newaxis] * partitions))
        # M: the gradient is what the decoder expects less what was observed.
        by_code = tf.linalg.matvec(posterior, sums, transpose_a=True)
        expected, expected_bias = expected_words(
            self._codes, words, bias, through_channel(by_code, self.bits, flip)
        )
        selection = (1 - 2 * flip) * (tf.matmul(posterior, self._codes) - 0.5)
        selection = tf.concat([selection, tf.ones_like(sums)[:, tf.newaxis]], axis=1)
        selection = self._spread(selection, batch)
        observed = tf.sparse.sparse_dense_matmul(self._rows, selection, adjoint_a=True)
        n = tf.cast(tf.size(batch), tf.float32)
        self._optimizer.apply(
            [
                (expected - tf.transpose(observed[:, :-1])) / n
                + (self.prior / self._n) * words,
                (expected_bias - observed[:, -1]) / n,
            ],
            [self._words, self._bias],
        )

    def _mixed(self, values):
        return values if self.neighbours is None else self.neighbours.mixed(values)

    def _spread(self, values: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        if self.neighbours is None:
            return tf.scatter_nd(
                batch[:, tf.newaxis], values, [self._n, values.shape[1]]
            )
        return self.neighbours.spread(values, batch)
