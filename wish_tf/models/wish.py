from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.checks import whole_number
from wish_tf.data import as_csr, as_sparse_rows, csr_dataset, is_table
from wish_tf.distribution.replica_loss import replica_loss
from wish_tf.distribution.replicated_model import ReplicatedModel, fit_arguments
from wish_tf.errors import InputError
from wish_tf.layers import BernoulliEncoder, StraightThroughBernoulli, TopicSelection
from wish_tf.layers.noise import split_seed
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

        -E[sum_w x_w log P(w | z)] + beta KL(Q(z|d) || Bernoulli(gamma))
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
        topics_initializer: of the topic vectors (`TopicSelection`).
        gradient: of the bits with respect to their probabilities.
        kl_step: growth of beta with each training iteration.
        gamma: prior probability that a bit is on, above 0 and below 1: a number, one
            a bit, or `"learned"`, a weight a bit that starts at 1/2.
        stochastic: whether bits are drawn at random in training (else they are
            thresholded at 1/2).
        seed: int from 0, or None. Seed of the initial weights, of the drawn bits and
            of what is left out; the process's own random state is neither read nor
            changed. With None all of it follows `keras.utils.set_random_seed`.

    Raises:
        InputError: when `bits`, `gamma` or `seed` is none of these.

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
        topics_initializer: keras.initializers.Initializer | str | None = None,
        gradient: float = 1.0,
        kl_step: float = 5e-6,
        gamma: float | Sequence[float] | str = 0.5,
        stochastic: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.autocast = False  # Rows stay as they are where a policy is mixed.
        self.bits = bits = whole_number(bits, "bits", 1, 64)
        self.vocabulary_size = vocabulary_size
        self.topic_dim = topic_dim
        self.hidden_units = tuple(map(int, hidden_units))
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
        self.gamma = _checked_gamma(gamma, bits)
        self.stochastic = stochastic
        self.seed = seed
        of_encoder, of_sampler, of_decoder = split_seed(seed, 3)
        self.encoder = BernoulliEncoder(
            bits,
            self.hidden_units,
            dropout,
            dropout_when_hashing,
            word_dropout,
            word_scale,
            of_encoder,
            name="encoder",
            dtype=self.dtype_policy,
        )
        self.sampler = StraightThroughBernoulli(
            stochastic, gradient, of_sampler, name="sampler", dtype=self.variable_dtype
        )
        self.decoder = TopicSelection(
            vocabulary_size,
            topic_dim,
            combine,
            orthogonality,
            centred,
            self.topics_initializer,
            of_decoder,
            name="decoder",
            dtype=self.variable_dtype,
        )
        self._reconstruction = keras.metrics.Mean("reconstruction")
        self._kl = keras.metrics.Mean("kl")
        self._orthogonality = keras.metrics.Mean("orthogonality")
        self._objective = keras.metrics.Mean("objective")
        self._health = CodeHealth(bits, name="health")
        self.build((None, vocabulary_size))

    def build(self, input_shape: Shape) -> None:
        self.encoder.build(input_shape)
        self.decoder.build((None, self.bits))
        if self.gamma == "learned":
            self.prior_logits = self.add_weight(
                name="prior_logits", shape=(self.bits,), initializer="zeros"
            )
        else:
            prior = np.asarray(self.gamma)
            self.prior_logits = np.log(prior / (1 - prior)).astype(np.float32)
        self.built = True

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        return self.encoder(inputs, training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    @property
    def named_bits(self) -> int:
        """How many of the first bits are topics: all."""
        return self.bits

    @property
    def kl_weight(self) -> tf.Tensor:
        """The current weight of the KL term, beta.

        Raises:
            InputError: before `compile`.
        """
        optimizer = getattr(self, "optimizer", None)
        if optimizer is None:
            raise InputError(
                "expected a compiled model, since beta grows with the optimizer's "
                "iterations; got one without an optimizer"
            )
        iterations = tf.cast(optimizer.iterations, self.variable_dtype)
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

        The metrics beside it are its three terms; `objective`, the evidence lower
        bound of Eq. 4 with the current beta; and those of `CodeHealth`.

        Args:
            x: the rows that were encoded.
            y: rows to rebuild instead of `x`, [n, vocabulary_size], or None.
            y_pred: probabilities [n, bits].
            sample_weight: how much each row counts, [n], or None.
            training: whether bits are drawn at random.

        Raises:
            InputError: when y are no such rows, but labels for instance.
        """
        if y is not None and (
            len(y.shape) != 2 or y.shape[1] not in (None, self.vocabulary_size)
        ):
            raise InputError(
                f"expected y to be rows to rebuild, [n, {self.vocabulary_size}]; got "
                f"the shape {tuple(y.shape)}"
            )
        rows = as_sparse_rows(x if y is None else y)
        bits = self.sampler(y_pred, training=training)
        reconstruction = -self.decoder.log_likelihood(bits, rows)
        kl = bernoulli_kl(y_pred, self.prior_logits)
        losses = reconstruction + self.kl_weight * kl
        self._reconstruction.update_state(reconstruction, sample_weight)
        self._kl.update_state(kl, sample_weight)
        self._orthogonality.update_state(self.decoder.orthogonality_penalty())
        self._objective.update_state(-losses, sample_weight)
        self._health.update_state(y_pred)
        if sample_weight is not None:
            losses *= tf.reshape(tf.cast(sample_weight, losses.dtype), [-1])
        # With the topics frozen their penalty is not among the model's losses.
        return replica_loss(losses + sum(self.losses))

    def adapt(self, rows: Any, steps: int | None = None) -> None:
        """Starts the decoder's bias at the log frequencies of the words.

        Args:
            rows: the training rows, in any form that `fit` takes, or batches of them.
            steps: how many batches to read; by default all.

        Raises:
            InputError: when there is no end of them and no `steps`.
        """
        totals = word_totals(rows, self.vocabulary_size, steps)
        # A word that never occurs gets a hundredth of the rarest one's weight.
        floor = 0.01 * totals[totals > 0].min() if totals.any() else 1.0
        totals = np.maximum(totals, floor)
        self.decoder.bias.assign(np.log(totals / totals.sum()))

    def fit(
        self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit`; see there for the arguments.

        Raises:
            InputError: when rows are no table of finite numbers as wide as the
                vocabulary; when they can be read only once, or have no end and no
                `steps_per_epoch`, before `adapt` has been called; and as
                `ReplicatedModel.fit`.
        """
        settings = fit_arguments(x, y, *args, **kwargs)
        x, y = self._checked(x), self._checked(y)
        if settings.get("sample_weight") is not None and y is None:
            y = x  # Without y Keras leaves the weights out.
        validation = settings.get("validation_data")
        if isinstance(validation, tuple):
            held, *others = map(self._checked, validation[:2])
            if len(validation) == 3:
                others = [held if others[0] is None else others[0], validation[2]]
            settings["validation_data"] = (held, *others)
        if not np.any(self.decoder.bias.numpy()):
            self._adapt_to_training(x if y is None else y, settings)
        # Keras warns of its own default when it is given a dataset.
        settings.setdefault("shuffle", not isinstance(x, tf.data.Dataset))
        return super().fit(**{**settings, "x": x, "y": y})

    def _adapt_to_training(self, rows: Any, settings: dict[str, Any]) -> None:
        """Calls `adapt` with what `fit` is going to see in an epoch."""
        if is_table(rows):
            share = 1 - settings.get("validation_split", 0.0)
            self.adapt(rows[: math.floor(rows.shape[0] * share)])
        elif isinstance(rows, (tf.data.Dataset, keras.utils.PyDataset)):
            self.adapt(rows, settings.get("steps_per_epoch"))
        else:
            raise InputError(
                "expected rows that can be read twice, or a call of `adapt` before "
                f"`fit`; got a {type(rows).__name__}"
            )

    def encode(self, x: Any, batch_size: int = 1000) -> NDArray[np.uint8]:
        """Returns the codes of rows, uint8 0/1 [n, bits]: `1[p > 1/2]`.

        Args:
            x: rows [n, vocabulary_size], `scipy.sparse` of any format, dense, or a
                `tf.SparseTensor`; or batches of them, as `predict` takes.
            batch_size: how many are hashed at once; bounds the memory.

        Raises:
            InputError: when rows are no table of finite numbers as wide as the
                vocabulary.
        """
        if isinstance(x, list) or is_table(x):
            x = as_csr(x, self.vocabulary_size)
            if not x.shape[0]:
                return np.zeros((0, self.bits), np.uint8)
            x = csr_dataset(x, batch_size)
        return (self.predict(x, verbose=0) > 0.5).astype(np.uint8)

    def evaluate(
        self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """Evaluates as `keras.Model.evaluate`; checks rows as `fit`."""
        return super().evaluate(self._checked(x), self._checked(y), *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> NDArray[np.float32]:
        """Predicts as `keras.Model.predict`; checks rows as `fit`."""
        return super().predict(self._checked(x), *args, **kwargs)

    def export(self, filepath: str | Path, *args: Any, **kwargs: Any) -> None:
        """Exports as `keras.Model.export`; takes dense rows if nothing else is said."""
        spec = tf.TensorSpec((None, self.vocabulary_size), tf.float32, name="rows")
        kwargs.setdefault("input_signature", [spec])
        super().export(filepath, *args, **kwargs)

    def _checked(self, rows: Any) -> Any:
        """Rows in the order that Keras takes; what yields batches as it is."""
        if not (isinstance(rows, list) or is_table(rows)):
            return rows
        csr = as_csr(rows, self.vocabulary_size)
        # Several devices can divide a dense array, but no sparse one.
        return rows if isinstance(rows, (np.ndarray, tf.Tensor)) else csr

    def topics(self, words: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Returns each bit's strongest words.

        Args:
            words: how many words a bit.

        Returns:
            Word numbers int [bits, words], strongest first, and how much the bit
            makes of each, float32 [bits, words] (`TopicSelection.word_gains`).
        """
        words = whole_number(words, "words", 1)
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
            "gamma": self.gamma,
            "stochastic": self.stochastic,
            "seed": self.seed,
        }


def bernoulli_kl(
    probabilities: tf.Tensor, prior_logits: tf.Tensor | np.ndarray | float = 0.0
) -> tf.Tensor:
    """Returns KL(Bernoulli(p) || Bernoulli(gamma)) in nats, summed over bits, [n].

    Paper, section 3.3.3. Zero and one are allowed for p: `0 log 0 = 0`.

    Args:
        probabilities: p, float [n, bits].
        prior_logits: log(gamma / (1 - gamma)), a scalar or [bits]; 0 is gamma = 1/2.
    """
    p = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    logits = tf.cast(prior_logits, p.dtype)
    on = tf.math.log(p) - tf.math.log_sigmoid(logits)
    off = tf.math.log(1 - p) - tf.math.log_sigmoid(-logits)
    return tf.reduce_sum(p * on + (1 - p) * off, axis=1)


def _checked_gamma(gamma: Any, bits: int) -> float | list[float] | str:
    """Returns a prior as JSON can hold it."""
    if isinstance(gamma, str) and gamma == "learned":
        return gamma
    prior = np.asarray(gamma)
    prior = prior.astype(float) if prior.dtype.kind in "if" else np.array(np.nan)
    if prior.shape not in ((), (bits,)) or not ((prior > 0) & (prior < 1)).all():
        raise InputError(
            "expected gamma to be above 0 and below 1, a number or one a bit, or "
            f'"learned"; got {gamma!r} for {bits} bits'
        )
    return prior.tolist()
