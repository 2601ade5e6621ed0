from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from baselines.neural_baseline import NeuralBaseline
from baselines.perceptron_network import PerceptronNetwork
from baselines.sth import STH
from baselines.vdsh import present
from baselines.weighed_words import WeighedWords
from wish_tf.data import row_gatherer
from wish_tf.data.nearest import nearest
from wish_tf.layers import StraightThroughBernoulli
from wish_tf.layers.softmax_log_likelihood import softmax_log_likelihood
from wish_tf.models.wish import bernoulli_kl
from wish_tf.types import Csr

STH_BITS = 64
NEIGHBOURS = 200
RANKS = 10


class RBSH(NeuralBaseline):
    """Ranking based semantic hashing: a Bernoulli autoencoder that learns to rank.

    A step sees triples: a document and two of ten of its neighbours, those at evenly
    spaced ranks among its 200 nearest by 64-bit codes of self-taught hashing. All
    three are rebuilt, and the code of the document must be nearer to that of the
    neighbour whose 64-bit code is.

    The schedules are the authors', by iteration: the noise on the code falls by 1e-6
    an iteration, the KL weight reaches its 0.04 after 6,000 and the ranking weight
    goes from 0.5 to 1.67 over the 350,000 that they train at most. A training that
    ends after thousands therefore never sees much less noise or much more weight on
    the ranking than at its start; epochs are compared without noise and with the
    final weights.

    The authors' epoch has each of the 45 pairs of a document's ten, this one a random
    pair; they count a batch's pairs of unequal and of equal similarity as two means,
    here all pairs count the same.

    Reference: Hansen, Hansen, Simonsen, Alstrup and Lioma, "Unsupervised neural
    generative semantic hashing", SIGIR 2019.
    """

    epochs = 100
    batch_size = 40
    learning_rate = keras.optimizers.schedules.ExponentialDecay(
        5e-4, decay_steps=7500, decay_rate=0.97, staircase=True
    )
    patience = 10

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        self._teacher = STH(STH_BITS, seed=self.seed)
        self._teacher_codes = self._teacher.fit_transform(rows).astype(np.float32)
        super()._fit(rows, validation_rows)
        del self._teacher, self._teacher_codes

    def _network(self, rows: Csr) -> RBSHNetwork:
        return RBSHNetwork(self.bits, rows)

    def _batches(
        self, rows: Csr, training_rows: Csr, shuffle: bool = False
    ) -> tf.data.Dataset:
        gather = row_gatherer(training_rows)
        pairs: Callable[[tf.Tensor], tf.Tensor] = evaluation_pairs
        if shuffle:
            random = tf.random.Generator.from_seed(self.seed)
            pairs = partial(random_pairs, random)

        def with_pairs(
            documents: tf.SparseTensor, neighbours: tf.Tensor
        ) -> tuple[tf.SparseTensor, tf.Tensor]:
            numbers, distances = tf.unstack(pairs(neighbours), axis=1)
            found = gather(tf.reshape(tf.transpose(numbers), [-1]))
            return tf.sparse.concat(0, [documents, found]), distances

        batches = super()._batches(rows, training_rows, shuffle)
        return batches.map(with_pairs).prefetch(2)

    def _targets(self, rows: Csr, training_rows: Csr) -> np.ndarray:
        codes = self._teacher_codes
        if rows is not training_rows:
            codes = self._teacher.transform(rows).astype(np.float32)
        return neighbours_at_ranks(codes, self._teacher_codes)


class RBSHNetwork(PerceptronNetwork):
    """The network of RBSH.

    In training and evaluation it sees n documents, then the first of each one's pair,
    then the second, `tf.SparseTensor` [3 n, vocabulary]; beside them are the distances
    that the pairs should have, [n, 2].

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
    """

    words_layer = WeighedWords
    embedding_size = 300
    noise_step = 1e-6
    kl_step, kl_end = 1 / 150_000, 0.04
    rank_start, rank_step, rank_end = 0.5, 1 / 300_000, 0.5 + 350_000 / 300_000

    def __init__(self, bits: int, rows: Csr, **kwargs: Any):
        super().__init__(rows.shape[1], (1000, 1000), dropout=0.1, **kwargs)
        self.probabilities = keras.layers.Dense(bits, "sigmoid")
        self.sample = StraightThroughBernoulli()
        self.sample.build((None, bits))
        vocabulary = rows.shape[1]
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(vocabulary, self.embedding_size),
            initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        )
        self.to_bits = keras.layers.Dense(bits)
        self.to_bits.build((None, self.embedding_size))
        self.bias = self.add_weight(
            name="bias", shape=(vocabulary,), initializer="zeros"
        )
        counts = np.bincount(rows.indices, minlength=vocabulary)
        self.bias.assign(np.log(np.maximum(counts, 0.01) / counts.sum()))
        self._random = tf.random.Generator.from_seed(random.randrange(2**31))

    def head(self, hidden: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        probabilities = self.probabilities(hidden)
        return probabilities, self.sample(probabilities, training=training)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        probabilities, bits = outputs
        documents, first, second = tf.split(bits, 3)
        ranking = ranking_loss(
            tf.reduce_sum(tf.square(documents - first), axis=1),
            tf.reduce_sum(tf.square(documents - second), axis=1),
            tf.cast(y[:, 1] - y[:, 0], tf.float32),
        )
        likelihood = self._log_likelihood(bits, present(x), training)
        rebuilt = tf.reduce_sum(tf.reshape(likelihood, [3, -1]), axis=0)
        kl = bernoulli_kl(tf.split(probabilities, 3)[0])
        rank_weight = self.annealed(self.rank_step, self.rank_end, self.rank_start)
        kl_weight = self.annealed(self.kl_step, self.kl_end)
        return (
            kl_weight * kl + rank_weight * ranking - rebuilt,
            self.kl_end * kl + self.rank_end * ranking - rebuilt,
        )

    def _log_likelihood(
        self, codes: tf.Tensor, rows: tf.SparseTensor, training: bool
    ) -> tf.Tensor:
        if training:
            iterations = tf.cast(self.optimizer.iterations, tf.float32)
            noise = tf.maximum(1 - self.noise_step * iterations, 0)
            codes += noise * self._random.normal(tf.shape(codes))
        words = tf.transpose(self.to_bits(self.embeddings.value))
        return softmax_log_likelihood(
            codes, words * self.words.importance.value, self.bias.value, rows
        )


def neighbours_at_ranks(codes: np.ndarray, training_codes: np.ndarray) -> np.ndarray:
    """Finds neighbours by Hamming distance, at evenly spaced ranks.

    Args:
        codes: 0 or 1, float32 [n, bits].
        training_codes: as of `nearest`, [m, bits].

    Returns:
        The numbers of `RANKS` of the nearest `NEIGHBOURS` training rows, nearest
        first, and their distances, int32 [n, 2, RANKS].
    """
    distances, numbers = nearest(codes, training_codes, NEIGHBOURS, "sqeuclidean")
    ranks = np.linspace(0, numbers.shape[1] - 1, RANKS).astype(int)
    found = np.stack([numbers[:, ranks], np.rint(distances[:, ranks])], axis=1)
    return found.astype(np.int32)


def random_pairs(random: tf.random.Generator, neighbours: tf.Tensor) -> tf.Tensor:
    """Returns two of each row's neighbours, at random.

    Args:
        random: what draws.
        neighbours: what `neighbours_at_ranks` found, int [n, 2, RANKS].

    Returns:
        Their numbers and distances, int [n, 2, 2].
    """
    order = random.uniform([tf.shape(neighbours)[0], RANKS])
    return _chosen(neighbours, tf.math.top_k(order, 2).indices)


def evaluation_pairs(neighbours: tf.Tensor) -> tf.Tensor:
    """As `random_pairs`, but always the same; a batch has pairs of all ranks."""
    nearer = tf.range(tf.shape(neighbours)[0]) % (RANKS // 2)
    return _chosen(neighbours, tf.stack([nearer, nearer + RANKS // 2], axis=1))


def _chosen(neighbours: tf.Tensor, ranks: tf.Tensor) -> tf.Tensor:
    both = tf.repeat(ranks[:, tf.newaxis], 2, axis=1)
    return tf.gather(neighbours, both, batch_dims=2)


def ranking_loss(first: tf.Tensor, second: tf.Tensor, nearer: tf.Tensor) -> tf.Tensor:
    """Returns how badly codes rank two documents, [n].

    It is a hinge: 0 when the document that should be nearer is so by 1 at least. Two
    that should be equally near cost the difference of their distances.

    Args:
        first: distance to the first document's code, [n].
        second: distance to the second document's code, [n].
        nearer: positive where the first should be nearer, negative where the second
            should, 0 where neither, [n].
    """
    difference = second - first
    return tf.where(
        tf.equal(nearer, 0),
        tf.abs(difference),
        tf.nn.relu(1 - tf.sign(nearer) * difference),
    )
