from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.data import as_sparse_rows, csr_dataset
from wish_tf.distribution.replica_loss import replica_loss
from wish_tf.distribution.replicated_model import ReplicatedModel
from wish_tf.layers import BernoulliEncoder, StraightThroughBernoulli, TopicSelection
from wish_tf.metrics.code_health import CodeHealth
from wish_tf.models.word_counts import word_totals
from wish_tf.types import Shape

Rows: TypeAlias = tf.SparseTensor | tf.Tensor


@keras.saving.register_keras_serializable(package="wish_tf")
class WISH(ReplicatedModel):
    """Few-bit semantic hashing with implicit topic vectors.

    A variational autoencoder over tf-idf rows with Bernoulli bits: the encoder
    gives each bit's probability, bits are drawn with a straight-through
    gradient, and the decoder rebuilds the words from the sum of the topic
    vectors that the bits select. The loss is Eq. 5 of the paper,

        -E[sum_w x_w log P(w | z)] + beta KL(Q(z|d) || 1/2)
        + lambda ||T T' - I||_F^2,

    where beta starts at 0 and grows by `kl_step` an iteration up to 1.

    The model needs no `y` and no loss in `compile`. `call` and `predict` give
    the probabilities of the bits, always without noise or dropout outside of
    training; `encode` gives the codes. `fit` starts the decoder's bias at the
    words' log frequencies (`adapt`) if nobody has; a decoder that starts from
    equal frequencies switches its bits off before it learns anything.

    Args:
        bits: number of hash bits, 1-64.
        vocabulary_size: number of words.
        topic_dim: length of a topic vector, at least `bits`.
        hidden_units: widths of the encoder's hidden layers.
        dropout: share of the last hidden layer's units dropped in training.
        dropout_when_hashing: whether it stays on outside of training.
        word_dropout: share of a document's words left out in training.
        word_scale: standard deviation of the first layer's initial weights.
        combine: `"sum"` or `"mean"` of the selected topic vectors.
        orthogonality: lambda in Eq. 5.
        centred: whether the decoder centres the selection (`TopicSelection`).
        topics_initializer: of the topic vectors.
        gradient: of the bits with respect to their probabilities.
        kl_step: growth of beta with each training iteration.
        stochastic: whether bits are drawn at random in training (else they are
            thresholded at 1/2).

    Input: tf-idf rows, `tf.SparseTensor`, `scipy.sparse` or dense
        [n, vocabulary_size].
    Output: probabilities, float32 [n, bits].

    Reference: Ye, Manotumruksa and Yilmaz, "Unsupervised Few-Bits Semantic
    Hashing with Implicit Topics Modeling", Findings of EMNLP 2020.

    Examples:
        >>> rows = np.eye(20, dtype="float32")
        >>> model = WISH(bits=4, vocabulary_size=20, topic_dim=4, hidden_units=(8,))
        >>> model.compile("adam")
        >>> _ = model.fit(rows, epochs=1, verbose=0)
        >>> codes = model.encode(rows)
        >>> codes.shape, codes.dtype
        ((20, 4), dtype('uint8'))
    """

    def __init__(
        self,
        bits: int,
        vocabulary_size: int,
        topic_dim: int = 100,
        hidden_units: Sequence[int] = (1000, 1000),
        dropout: float = 0.2,
        dropout_when_hashing: bool = False,
        word_dropout: float = 0.0,
        word_scale: float = 2**0.5,
        combine: str = "sum",
        orthogonality: float = 1.0,
        centred: bool = True,
        topics_initializer: keras.initializers.Initializer | str = "orthogonal",
        gradient: float = 1.0,
        kl_step: float = 5e-6,
        stochastic: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not 1 <= bits <= 64:
            raise ValueError(f"`bits` should be from 1 to 64. Received: bits={bits}")
        self.bits = bits
        self.vocabulary_size = vocabulary_size
        self.topic_dim = topic_dim
        self.hidden_units = tuple(hidden_units)
        self.dropout = dropout
        self.dropout_when_hashing = dropout_when_hashing
        self.word_dropout = word_dropout
        self.word_scale = word_scale
        self.combine = combine
        self.orthogonality = orthogonality
        self.centred = centred
        self.topics_initializer = keras.initializers.get(topics_initializer)
        self.gradient = gradient
        self.kl_step = kl_step
        self.stochastic = stochastic
        self.encoder = BernoulliEncoder(
            bits,
            hidden_units,
            dropout,
            dropout_when_hashing,
            word_dropout,
            word_scale,
            name="encoder",
        )
        self.sampler = StraightThroughBernoulli(stochastic, gradient, name="sampler")
        self.decoder = TopicSelection(
            vocabulary_size,
            topic_dim,
            combine,
            orthogonality,
            centred,
            self.topics_initializer,
            name="decoder",
        )
        self._reconstruction = keras.metrics.Mean("reconstruction")
        self._kl = keras.metrics.Mean("kl")
        self._orthogonality = keras.metrics.Mean("orthogonality")
        self._objective = keras.metrics.Mean("objective")
        self._health = CodeHealth(bits, name="health")
        self.build((None, vocabulary_size))

    def build(self, input_shape: Shape) -> None:
        self.encoder.build(input_shape)
        self.sampler.build((None, self.bits))
        self.decoder.build((None, self.bits))
        self.built = True

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        return self.encoder(inputs, training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    @property
    def kl_weight(self) -> tf.Tensor:
        """The current weight of the KL term, beta."""
        iterations = tf.cast(self.optimizer.iterations, tf.float32)
        return tf.minimum(self.kl_step * iterations, 1.0)

    def compute_loss(
        self,
        x: Rows | None = None,
        y: Rows | None = None,
        y_pred: tf.Tensor | None = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Returns the loss of Eq. 5, mean over the batch (see `replica_loss`).

        The metrics beside it are its three terms, `objective`, the evidence
        lower bound of Eq. 4, and those of `CodeHealth`.

        Args:
            x: the rows that were encoded.
            y: rows to rebuild instead of `x`, or None.
            y_pred: probabilities [n, bits].
            sample_weight: not supported.
            training: whether bits are drawn at random.

        Raises:
            ValueError: when `sample_weight` is given.
        """
        if sample_weight is not None:
            raise ValueError("WISH does not take a `sample_weight`.")
        rows = as_sparse_rows(x if y is None else y)
        bits = self.sampler(y_pred, training=training)
        reconstruction = -self.decoder.log_likelihood(bits, rows)
        kl = bernoulli_kl(y_pred)
        orthogonality = tf.add_n(self.losses)
        self._reconstruction.update_state(reconstruction)
        self._kl.update_state(kl)
        self._orthogonality.update_state(orthogonality)
        # With beta = 1 always, so that epochs can be compared.
        self._objective.update_state(-reconstruction - kl)
        self._health.update_state(y_pred)
        return replica_loss(reconstruction + self.kl_weight * kl + orthogonality)

    def adapt(self, rows: Any) -> None:
        """Starts the decoder's bias at the log frequencies of the words.

        Args:
            rows: the training rows, in any form that `fit` takes.
        """
        totals = word_totals(rows, self.vocabulary_size)
        # A word that never occurs gets a hundredth of the rarest one's weight.
        floor = 0.01 * totals[totals > 0].min() if totals.any() else 1.0
        totals = np.maximum(totals, floor)
        self.decoder.bias.assign(np.log(totals / totals.sum()))

    def fit(
        self, x: Any = None, y: Any = None, **kwargs: Any
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit`; see there for the arguments."""
        if not np.any(self.decoder.bias.numpy()):
            self.adapt(x if y is None else y)
        # Keras warns of its own default when it is given a dataset.
        kwargs.setdefault("shuffle", not isinstance(x, tf.data.Dataset))
        return super().fit(x, y, **kwargs)

    def encode(self, x: Any, batch_size: int = 1000) -> NDArray[np.uint8]:
        """Returns the codes of rows, uint8 0/1 [n, bits]: `1[p > 1/2]`."""
        if hasattr(x, "tocsr"):
            probabilities = self.predict(csr_dataset(x, batch_size), verbose=0)
        else:
            probabilities = self.predict(x, batch_size=batch_size, verbose=0)
        return (probabilities > 0.5).astype(np.uint8)

    def topics(self, words: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Returns each bit's strongest words.

        Args:
            words: how many words a bit.

        Returns:
            Word numbers int [bits, words], strongest first, and how much the bit
            makes of each, float32 [bits, words] (`TopicSelection.word_gains`).
        """
        gains = self.decoder.word_gains().numpy()
        best = np.argsort(-gains, axis=1, kind="stable")[:, :words]
        return best, np.take_along_axis(gains, best, axis=1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "bits": self.bits,
            "vocabulary_size": self.vocabulary_size,
            "topic_dim": self.topic_dim,
            "hidden_units": list(self.hidden_units),
            "dropout": self.dropout,
            "dropout_when_hashing": self.dropout_when_hashing,
            "word_dropout": self.word_dropout,
            "word_scale": self.word_scale,
            "combine": self.combine,
            "orthogonality": self.orthogonality,
            "centred": self.centred,
            "topics_initializer": keras.initializers.serialize(self.topics_initializer),
            "gradient": self.gradient,
            "kl_step": self.kl_step,
            "stochastic": self.stochastic,
        }


def bernoulli_kl(probabilities: tf.Tensor) -> tf.Tensor:
    """Returns KL(Bernoulli(p) || Bernoulli(1/2)) in nats, summed over bits, [n].

    Paper, section 3.3.3. Zero and one are allowed: `0 log 0 = 0`.
    """
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    return tf.reduce_sum(
        p * tf.math.log(2 * p) + (1 - p) * tf.math.log(2 * (1 - p)), axis=1
    )
