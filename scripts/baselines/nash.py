from __future__ import annotations

import math
import random
from typing import Any

import keras
import tensorflow as tf

from baselines.bernoulli_network import BernoulliNetwork
from baselines.neural_baseline import NeuralBaseline
from wish_tf.models.wish import bernoulli_kl
from wish_tf.types import Csr

# Of the noise at the start; the paper does not say.
START_DEVIATION = 0.5


class NASH(NeuralBaseline):
    """Neural architecture for semantic hashing, with data-dependent noise (NASH-DN).

    An autoencoder with drawn bits and the straight-through gradient. What is decoded
    is the code with Gaussian noise, whose deviation is a function of the text. Two
    hidden layers of 500 units, dropout 0.1, learning rate 1e-3 times 0.96 every
    10,000 steps; KL weight 1 from the start. Batch size and the number of epochs are
    those of public re-implementations, as the paper gives none.

    Reference: Shen et al., "NASH: Toward end-to-end neural architecture for
    generative semantic hashing", ACL 2018.
    """

    epochs = 100
    learning_rate = keras.optimizers.schedules.ExponentialDecay(
        1e-3, decay_steps=10_000, decay_rate=0.96, staircase=True
    )

    def _network(self, rows: Csr) -> NASHNetwork:
        return NASHNetwork(self.bits, rows)


class NASHNetwork(BernoulliNetwork):
    """The network of NASH.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
    """

    def __init__(self, bits: int, rows: Csr, **kwargs: Any):
        super().__init__(bits, rows, (500, 500), dropout=0.1, **kwargs)
        self.log_deviation = keras.layers.Dense(
            bits,
            bias_initializer=keras.initializers.Constant(math.log(START_DEVIATION)),
        )
        self._noise = tf.random.Generator.from_seed(random.randrange(2**31))

    def head(self, hidden: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        return self.probabilities(hidden), self.log_deviation(hidden)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        probabilities, log_deviation = outputs
        codes = self.sampler(probabilities, training=training) - 0.5
        if training:
            noise = self._noise.normal(tf.shape(codes))
            codes += tf.exp(log_deviation) * noise
        losses = bernoulli_kl(probabilities) - self.log_likelihood(x, codes)
        return losses, losses
