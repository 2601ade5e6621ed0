from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from baselines.ammi import bit_entropies
from baselines.bernoulli_network import BernoulliNetwork
from baselines.neural_baseline import NeuralBaseline
from wish_tf.types import Csr

COMPONENTS = 20


class BMSH(NeuralBaseline):
    """Bernoulli mixture prior semantic hashing.

    As NASH without noise, but the prior of codes is a learned mixture of 20
    products of Bernoulli distributions, and the network says of each text which
    component it belongs to. Two hidden layers of 500 units and dropout 0.1, as NASH
    has; the paper chooses the number of components by validation.

    Reference: Dong et al., "Document hashing with mixture-prior generative models",
    EMNLP-IJCNLP 2019.
    """

    epochs = 100

    def _network(self, rows: Csr) -> BMSHNetwork:
        return BMSHNetwork(self.bits, rows)


class BMSHNetwork(BernoulliNetwork):
    """The network of BMSH.

    Args:
        bits: length of a code.
        rows: the training rows, CSR [n, vocabulary].
    """

    def __init__(self, bits: int, rows: Csr, **kwargs: Any):
        super().__init__(bits, rows, (500, 500), dropout=0.1, **kwargs)
        self.component = keras.layers.Dense(COMPONENTS, "softmax")
        self.shares = self.add_weight(
            name="shares", shape=(COMPONENTS,), initializer="zeros"
        )
        self.centres = self.add_weight(
            name="centres",
            shape=(COMPONENTS, bits),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )

    def head(self, hidden: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        return self.probabilities(hidden), self.component(hidden)

    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        probabilities, component = outputs
        codes = self.sampler(probabilities, training=training) - 0.5
        kl = mixture_kl(probabilities, component, self.shares.value, self.centres.value)
        losses = kl - self.log_likelihood(x, codes)
        return losses, losses


def mixture_kl(
    probabilities: tf.Tensor,
    component: tf.Tensor,
    shares: tf.Tensor,
    centres: tf.Tensor,
) -> tf.Tensor:
    """Returns KL(q(z) q(c) || p(z | c) p(c)) in nats, [n].

    Args:
        probabilities: of the bits under q, [n, bits].
        component: of the components under q, [n, k].
        shares: logits of p(c), [k].
        centres: logits of the bits under p(z | c), [k, bits].
    """
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    q = tf.clip_by_value(component, 1e-7, 1.0)
    # log Bernoulli(z; sigmoid(a)) = z a - softplus(a).
    expected = tf.matmul(p, centres, transpose_b=True) - tf.reduce_sum(
        tf.math.softplus(centres), axis=1
    )
    surprise = tf.math.log(q) - tf.nn.log_softmax(shares) - expected
    return tf.reduce_sum(q * surprise, axis=1) - bit_entropies(p)
