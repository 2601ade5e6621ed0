from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from scipy.stats import entropy

from wish_tf.layers.topic_space import all_codes
from wish_tf.optimizers import LazyAdam
from wish_tf.settings import Count, Positive, Settings, Share, Weight
from wish_tf.training.code_table import (
    WordTable,
    posterior_means,
    through_channel,
)
from wish_tf.training.heavy_words import HeavyWords
from wish_tf.training.topics import Topics
from wish_tf.types import Csr


@dataclass(frozen=True)
class Annealing(Settings):
    """How topics are annealed.

    Attributes:
        steps: number of steps, at most.
        steps_a_text: so many for each text, so that a small corpus takes fewer.
        fewest_steps: but at least as many.
        batch_size: texts a step, at most.
        vocabulary: how many of the heaviest words define the topics; rarer ones say
            little and cost as much.
        beta: (first, last) weight of the likelihood.
        heated: share of the steps after which beta is at its last.
        flip: (first, last) probability of a flipped bit.
        settled: share of the steps after which flip is at its last.
        prior: weight of a Gaussian prior on what topics add to logits; keeps words
            that are seen a few times from defining a topic.
        learning_rate: of Adam; it falls to a twentieth over the last three tenths.
    """

    steps: Count = 500
    steps_a_text: Positive = 0.1
    fewest_steps: Count = 100
    batch_size: Count = 5000
    vocabulary: Count = 20_000
    beta: tuple[Positive, Positive] = (0.2, 8.0)
    heated: Positive = 0.7
    flip: tuple[Share, Share] = (0.15, 0.07)
    settled: Positive = 0.9
    prior: Weight = 0.5
    learning_rate: Positive = 0.05

    def steps_for(self, texts: int) -> int:
        """Returns how many steps a corpus of so many texts takes."""
        wanted = max(self.fewest_steps, int(self.steps_a_text * texts))
        return min(self.steps, wanted)


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
        settings: how.
        seed: of the initial topics and the batches.
    """

    def __init__(self, rows: Csr, bits: int, settings: Annealing, seed: int = 0):
        self.bits = bits
        self._settings = settings
        self._rng = np.random.default_rng(seed)
        self._heavy = HeavyWords(rows, settings.vocabulary)
        self._rows = rows[:, self._heavy.numbers].tocsr()
        self._n, width = self._rows.shape
        self._codes = tf.constant(all_codes(bits))
        self._words = tf.Variable(
            self._rng.normal(0, 0.1, (bits, width)), dtype=tf.float32
        )
        self._bias = tf.Variable(self._heavy.bias)
        self._sums = np.asarray(self._rows.sum(axis=1), np.float32).ravel()
        self._optimizer = LazyAdam(settings.learning_rate, beta_2=0.99)
        self._optimizer.build([self._words, self._bias])

    def run(
        self, on_step: Callable[[int, int, dict[str, float]], None] | None = None
    ) -> Topics:
        """Takes all steps.

        Args:
            on_step: called with the number of steps done, how many there are, and
                values to show: `beta` and `flip` of the step; `decided`, how sure
                the bits of its texts are, the mean of `2 |p - 1/2|` before flips; and
                `codes`, how many codes, all in equal use, would share out the words
                as unevenly: 2 to the entropy.
        """
        settings = self._settings
        steps, size = settings.steps_for(self._n), min(settings.batch_size, self._n)
        for step in range(steps):
            done = step / steps
            first, last = settings.beta
            beta = first * (last / first) ** min(1.0, done / settings.heated)
            first, last = settings.flip
            flip = first + (last - first) * min(1.0, done / settings.settled)
            rate = settings.learning_rate * min(1.0, max(0.05, (1 - done) / 0.3))
            self._optimizer.learning_rate.assign(rate)
            selection, by_code = self._step(
                self._rng.choice(self._n, size, replace=False),
                tf.constant(beta, tf.float32),
                tf.constant(flip, tf.float32),
            )
            if on_step is not None:
                # The selection went through the channel: (1 - 2 flip) (p - 1/2).
                sure = 2 * np.abs(selection[:, :-1]).mean() / (1 - 2 * flip)
                share = by_code / by_code.sum()
                state = {
                    "beta": beta,
                    "flip": flip,
                    "decided": float(sure),
                    "codes": float(2 ** entropy(share, base=2)),
                }
                on_step(step + 1, steps, state)
        return self._heavy.topics(self._words.numpy(), self._bias.numpy())

    def _step(
        self, batch: np.ndarray, beta: tf.Tensor, flip: tf.Tensor
    ) -> tuple[np.ndarray, np.ndarray]:
        """Takes a step; returns what `_expect` does."""
        # The sparse products are SciPy's: it slices rows in no time.
        rows, sums = self._rows[batch], self._sums[batch]
        selection, by_code = self._expect(
            rows @ self._words.numpy().T, sums, beta, flip
        )
        selection = selection.numpy()
        observed = rows.T @ selection
        self._maximise(tf.constant(observed), by_code, len(batch))
        return selection, by_code.numpy()

    @tf.function
    def _expect(
        self, by_topic: tf.Tensor, sums: tf.Tensor, beta: tf.Tensor, flip: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """E: the codes of documents, given what their words say for each topic.

        Returns:
            The mean selection of each document and 1, [n, l + 1], and the word
            weight that each code has to explain, [2^l].
        """
        table = WordTable(self._words.read_value(), self._bias.read_value())
        partitions = through_channel(table.log_partitions(), self.bits, flip)
        means, by_code = posterior_means(
            beta * (1 - 2 * flip) * by_topic, sums, beta * partitions, self._codes
        )
        selection = (1 - 2 * flip) * (means - 0.5)
        return (
            tf.concat([selection, tf.ones_like(sums)[:, tf.newaxis]], axis=1),
            through_channel(by_code, self.bits, flip),
        )

    @tf.function
    def _maximise(self, observed: tf.Tensor, by_code: tf.Tensor, n: int) -> None:
        """M: one step; the gradient is what is expected less what was observed."""
        words, bias = self._words.read_value(), self._bias.read_value()
        expected, expected_bias = WordTable(words, bias).expected_words(by_code)
        self._optimizer.apply(
            [
                (expected - tf.transpose(observed[:, :-1])) / n
                + (self._settings.prior / self._n) * words,
                (expected_bias - observed[:, -1]) / n,
            ],
            [self._words, self._bias],
        )
