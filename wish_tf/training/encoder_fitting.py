from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.distribution.replica_loss import replica_loss
from wish_tf.distribution.replicated_model import ReplicatedModel
from wish_tf.layers import BernoulliEncoder
from wish_tf.metrics.code_health import CodeHealth
from wish_tf.training.topics import Topics
from wish_tf.types import Csr


@keras.saving.register_keras_serializable(package="wish_tf")
class EncoderFitting(ReplicatedModel):
    """Trains an encoder to give texts the codes they should have.

    The loss is the cross-entropy of the encoder's Bernoulli bits to given
    probabilities, summed over bits. Topics and targets do not move; they are
    weights, so that a checkpoint holds all that training goes on with.

    Args:
        encoder: the encoder to train.
        vocabulary_size: number of words.
        texts: number of texts, of training and validation, that have targets.

    Input: tf-idf rows [n, vocabulary]; y: the probability that each bit should
        be on, float [n, bits].
    Output: probabilities, float32 [n, bits].
    """

    def __init__(
        self,
        encoder: BernoulliEncoder,
        vocabulary_size: int,
        texts: int,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.vocabulary_size = vocabulary_size
        self.texts = texts
        if not encoder.built:
            encoder.build((None, vocabulary_size))
        self._words = self._constant("words", (encoder.bits, vocabulary_size))
        self._bias = self._constant("bias", (vocabulary_size,))
        self.targets = self._constant("targets", (texts, encoder.bits))
        self._objective = keras.metrics.Mean("objective")
        self._health = CodeHealth(encoder.bits, name="health")
        self.built = True

    def _constant(self, name: str, shape: tuple[int, ...]) -> keras.Variable:
        return self.add_weight(
            name=name, shape=shape, initializer="zeros", trainable=False
        )

    @property
    def topics(self) -> Topics:
        """The decoder that belongs to the targets."""
        return Topics(self._words.numpy(), self._bias.numpy())

    @topics.setter
    def topics(self, topics: Topics) -> None:
        self._words.assign(topics.words)
        self._bias.assign(topics.bias)

    def start_from(self, directions: np.ndarray, rows: Csr, seed: int = 0) -> None:
        """Starts the encoder's first layer at random mixtures of directions.

        So a rare word begins with the meaning that its company gave it, and not
        with a random one that a few texts must correct.

        Args:
            directions: float32 [vocabulary, d].
            rows: tf-idf rows of the training texts, CSR [n, vocabulary].
            seed: of the mixtures.
        """
        along = rows @ directions
        scale = along.std(axis=0) + 1e-6
        layer = self.encoder.words
        d, units = directions.shape[1], layer.units
        mixture = np.random.default_rng(seed).normal(0, d**-0.5, (d, units))
        mixture = (mixture / scale[:, np.newaxis]).astype(np.float32)
        layer.kernel.assign(directions @ mixture)
        layer.bias.assign(-along.mean(axis=0) @ mixture)

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        return self.encoder(inputs, training=training)

    def compute_loss(
        self,
        x: tf.SparseTensor | None = None,
        y: Any = None,
        y_pred: tf.Tensor | None = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        p = tf.clip_by_value(y_pred, 1e-7, 1 - 1e-7)
        losses = -tf.reduce_sum(
            y * tf.math.log(p) + (1 - y) * tf.math.log(1 - p), axis=1
        )
        self._objective.update_state(-losses)
        self._health.update_state(y_pred)
        return replica_loss(losses)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "encoder": self.encoder.get_config(),
            "vocabulary_size": self.vocabulary_size,
            "texts": self.texts,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> EncoderFitting:
        encoder = BernoulliEncoder.from_config(config.pop("encoder"))
        return cls(encoder, **config)
