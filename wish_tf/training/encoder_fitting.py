from __future__ import annotations

import keras
import tensorflow as tf

from wish_tf.distribution.replica_loss import replica_loss
from wish_tf.distribution.replicated_model import ReplicatedModel
from wish_tf.layers import BernoulliEncoder
from wish_tf.metrics.code_health import CodeHealth
from wish_tf.models.wish import bernoulli_kl
from wish_tf.training.code_table import (
    WordTable,
    mean_over_codes,
    through_channel,
)
from wish_tf.training.topics import Topics


@keras.saving.register_keras_serializable(package="wish_tf")
class EncoderFitting(ReplicatedModel):
    """Trains an encoder against fixed topics by the exact bound.

    Maximises the evidence bound of Eq. 4 of the paper with the expectation over
    the bits taken exactly, as a sum over all 2^l codes, instead of by a drawn
    code and a straight-through gradient: at few bits that is both cheaper and
    free of noise. The topics do not move, so the 2^l log partition functions,
    the costly part, are computed once, and of a document's words only the
    `Topics.evidence` is needed. The metric `elbo` is the bound as it is weighted
    here.

    Args:
        encoder: the encoder to train.
        vocabulary_size: number of words.
        likelihood_weight: of the reconstruction against the KL term.
        flip: probability with which a bit is flipped before it is decoded.

    Input: tf-idf rows [n, vocabulary]; y: their evidence, float [n, bits + 2].
    Output: probabilities, float32 [n, bits].
    """

    def __init__(
        self,
        encoder: BernoulliEncoder,
        vocabulary_size: int,
        likelihood_weight: float,
        flip: float,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.vocabulary_size = vocabulary_size
        self.likelihood_weight = likelihood_weight
        self.flip = flip
        if not encoder.built:
            encoder.build((None, vocabulary_size))
        bits = encoder.bits
        # Weights, so that a checkpoint holds what the encoder is trained against.
        self._words = self._constant("words", (bits, vocabulary_size))
        self._bias = self._constant("bias", (vocabulary_size,))
        self._partitions = self._constant("partitions", (2**bits,))
        self._reconstruction = keras.metrics.Mean("reconstruction")
        self._kl = keras.metrics.Mean("kl")
        self._elbo = keras.metrics.Mean("elbo")
        self._health = CodeHealth(encoder.bits, name="health")
        self.built = True

    def _constant(self, name: str, shape: tuple[int, ...]) -> keras.Variable:
        return self.add_weight(
            name=name, shape=shape, initializer="zeros", trainable=False
        )

    @property
    def topics(self) -> Topics:
        """The decoder that the encoder is trained against."""
        return Topics(self._words.numpy(), self._bias.numpy())

    @topics.setter
    def topics(self, topics: Topics) -> None:
        self._words.assign(topics.words)
        self._bias.assign(topics.bias)
        partitions = WordTable(
            tf.constant(topics.words), tf.constant(topics.bias)
        ).log_partitions()
        self._partitions.assign(
            through_channel(partitions, self.encoder.bits, self.flip)
        )

    def call(self, inputs, training: bool = False):
        return self.encoder(inputs, training=training)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        by_topic, by_bias, total = y[:, :-2], y[:, -2], y[:, -1]
        partition = mean_over_codes(self._partitions.value, y_pred)
        selected = (1 - 2 * self.flip) * tf.reduce_sum(
            (y_pred - 0.5) * by_topic, axis=1
        )
        reconstruction = -(selected + by_bias - total * partition)
        kl = bernoulli_kl(y_pred)
        self._reconstruction.update_state(reconstruction)
        self._kl.update_state(kl)
        self._health.update_state(y_pred)
        losses = self.likelihood_weight * reconstruction + kl
        self._elbo.update_state(-losses)
        return replica_loss(losses)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "encoder": self.encoder.get_config(),
            "vocabulary_size": self.vocabulary_size,
            "likelihood_weight": self.likelihood_weight,
            "flip": self.flip,
        }

    @classmethod
    def from_config(cls, config: dict) -> EncoderFitting:
        encoder = BernoulliEncoder.from_config(config.pop("encoder"))
        return cls(encoder, **config)
