from __future__ import annotations

import math
import random
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from baselines.hash_network import HashNetwork
from baselines.neural_baseline import NeuralBaseline
from baselines.perceptron_network import PerceptronNetwork
from baselines.softmax_decoder import SoftmaxDecoder
from wish_tf.types import Csr


class VDSH(NeuralBaseline):
    """Variational deep semantic hashing: a Gaussian autoencoder, cut at medians.

    Two hidden layers of 1000 ReLU units; the posterior's log variance is a sigmoid,
    so the variance is from 1 to e; a linear softmax decoder rebuilds which words
    are there; the KL weight grows by 1/5000 a step up to 1. Few trainings are that
    long: epochs are compared with the weight that `epochs` of them would end at. By
    the whole bound a short training, which hardly minds the KL, would be best when
    it has only begun.

    Reference: Chaidaroon and Fang, "Variational deep semantic hashing for text
    documents", SIGIR 2017.
    """

    epochs = 30
    at_median = True

    def _network(self, rows: Csr) -> HashNetwork:
        return GaussianNetwork(self.bits, rows, self._steps(rows))

    def _steps(self, rows: Csr) -> int:
        """Returns how many steps a training takes at most."""
        return self.epochs * math.ceil(rows.shape[0] / self.batch_size)


class GaussianNetwork(PerceptronNetwork):
    """The network of VDSH, and what NbrReg and Node2hash add to.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
        steps: how many steps the training takes at most.
    """

    kl_step = 1 / 5000

    def __init__(self, bits: int, rows: Csr, steps: int, **kwargs: Any):
        super().__init__(rows.shape[1], (1000, 1000), dropout=0.1, **kwargs)
        self.kl_end = min(1.0, self.kl_step * steps)
        self.mean = keras.layers.Dense(bits)
        self.log_variance = keras.layers.Dense(bits, "sigmoid")
        self.decoder = SoftmaxDecoder(
            np.bincount(rows.indices, minlength=rows.shape[1])
        )
        self.decoder.build((None, bits))
        self._noise = tf.random.Generator.from_seed(random.randrange(2**31))

    def head(self, hidden: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        return self.mean(hidden), self.log_variance(hidden)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        mean, log_variance = outputs
        codes = mean
        if training:
            noise = self._noise.normal(tf.shape(mean))
            codes += tf.exp(log_variance / 2) * noise
        rebuilt = self.log_likelihood(codes, x, y)
        kl = gaussian_kl(mean, log_variance)
        return self.annealed(self.kl_step) * kl - rebuilt, self.kl_end * kl - rebuilt

    def log_likelihood(self, codes: tf.Tensor, x: tf.SparseTensor, y: Any) -> tf.Tensor:
        """Returns what the decoder says of the words that are there, [n]."""
        return self.decoder.log_likelihood(codes, present(x))


def present(rows: tf.SparseTensor) -> tf.SparseTensor:
    """Returns rows with 1 wherever there is a word."""
    return rows.with_values(tf.ones_like(rows.values))


def gaussian_kl(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Returns KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, summed, [n]."""
    return -0.5 * tf.reduce_sum(
        1 + log_variance - tf.square(mean) - tf.exp(log_variance), axis=1
    )
