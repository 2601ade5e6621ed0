from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from wish_tf.layers.noise import seeded, split_seed
from wish_tf.layers.softmax_log_likelihood import softmax_log_likelihood
from wish_tf.regularizers import OrthogonalityRegularizer
from wish_tf.types import Shape


@keras.saving.register_keras_serializable(package="wish_tf")
class TopicSelection(keras.layers.Layer):
    """The generative network: selected topic vectors to word probabilities.

    `P(w | z) = softmax(E g(T_z) + b)`, where `g` is the sum or the mean of the
    topic vectors that `z` selects (paper, Eq. 6).

    The selection is centred: it decodes from `z - 1/2` (for the mean, from
    `z / sum(z) - 1/bits`). This moves a constant into the bias `b` and so is
    the paper's model in other coordinates, but without it the cheapest first
    step of training is to switch every bit off for every document, from which
    it does not recover.

    Args:
        vocabulary_size: number of words.
        topic_dim: length of a topic vector, at least the number of bits.
        combine: `"sum"` or `"mean"`, the paper's g.
        orthogonality: weight of `||T T' - I||_F^2`, lambda in Eq. 5.
        centred: whether the selection is centred.
        topics_initializer: None for orthogonal rows, at which the penalty starts at
            zero.
        seed: int or None. Seed of the initial weights. With None they follow
            `keras.utils.set_random_seed`.

    Input shape: selection z of 0. and 1., float [n, bits].
    Output shape: word probabilities, float [n, vocabulary_size].

    Examples:
        Bit 0 stands for the first word and bit 1 for the second:

        >>> decoder = TopicSelection(vocabulary_size=2, topic_dim=2)
        >>> decoder.build((None, 2))
        >>> decoder.set_weights([tf.eye(2), 4 * tf.eye(2), tf.zeros(2)])
        >>> words = decoder(tf.constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        >>> words.numpy().round(2)
        array([[0.98, 0.02],
               [0.02, 0.98],
               [0.5 , 0.5 ]], dtype=float32)
    """

    def __init__(
        self,
        vocabulary_size: int,
        topic_dim: int = 100,
        combine: str = "sum",
        orthogonality: float = 1.0,
        centred: bool = True,
        topics_initializer: keras.initializers.Initializer | str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if combine not in ("sum", "mean"):
            raise ValueError(f'expected `combine` "sum" or "mean"; got {combine!r}')
        self.vocabulary_size = vocabulary_size
        self.topic_dim = topic_dim
        self.combine = combine
        self.orthogonality = orthogonality
        self.centred = centred
        self.topics_initializer = keras.initializers.get(topics_initializer)
        self.seed = seed

    def build(self, input_shape: Shape) -> None:
        bits = input_shape[-1]
        assert bits is not None, "the number of bits is known before any weight is"
        self.input_spec = keras.InputSpec(ndim=2, axes={-1: bits})
        if self.topic_dim < bits:
            raise ValueError(
                f"expected `topic_dim` of at least {bits}, the number of bits, since "
                f"topic vectors are kept orthogonal; got {self.topic_dim}"
            )
        of_topics, of_embedding = split_seed(self.seed, 2)
        self.topics = self.add_weight(
            name="topics",
            shape=(bits, self.topic_dim),
            initializer=(
                keras.initializers.Orthogonal(seed=of_topics)
                if self.topics_initializer is None
                else seeded(self.topics_initializer, of_topics)
            ),
            regularizer=OrthogonalityRegularizer(self.orthogonality),
        )
        self.embedding = self.add_weight(
            name="embedding",
            shape=(self.topic_dim, self.vocabulary_size),
            initializer=keras.initializers.RandomNormal(stddev=0.1, seed=of_embedding),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.vocabulary_size,), initializer="zeros"
        )

    def orthogonality_penalty(self) -> tf.Tensor:
        """Returns `orthogonality ||T T' - I||_F^2`."""
        return self.topics.regularizer(self.topics.value)

    def topic_words(self) -> tf.Tensor:
        """Returns what each topic adds to each word's logit, [bits, vocabulary].

        T E is formed first: with few bits, selecting from its rows costs a
        tenth of multiplying every document's topic sum by E.
        """
        return tf.matmul(self.topics.value, self.embedding.value)

    def word_gains(self) -> tf.Tensor:
        """Returns how much each bit makes of each word, [bits, vocabulary].

        That is `(P(w | on) - P(w | off)) / sqrt(P(w))`, with all other bits at 1/2
        and P(w) the mean of the two: the root of the word's part in their chi-squared
        distance. What a bit adds to logits is largest for words so rare that they
        tell nothing, and the difference alone for words that are everywhere.
        """
        bits = self.topics.shape[0]
        others = tf.fill([bits, bits], 0.5)
        on, off = (tf.linalg.set_diag(others, tf.fill([bits], x)) for x in (1.0, 0.0))
        on, off = self.call(on), self.call(off)
        return tf.math.divide_no_nan(on - off, tf.sqrt((on + off) / 2))

    def call(self, selection: tf.Tensor) -> tf.Tensor:
        weights = self._centred(selection)
        return tf.nn.softmax(tf.matmul(weights, self.topic_words()) + self.bias)

    def log_likelihood(
        self, selection: tf.Tensor, rows: tf.SparseTensor | tf.Tensor
    ) -> tf.Tensor:
        """Returns `sum_w x_w log P(w | z)` for each document, [n] (Eq. 2).

        The logits are needed at the documents' own words only, besides one
        log-sum-exp a document.

        Args:
            selection: bits z, float [n, bits].
            rows: word weights x, sparse or dense [n, vocabulary].
        """
        return softmax_log_likelihood(
            self._centred(selection), self.topic_words(), self.bias.value, rows
        )

    def _centred(self, selection: tf.Tensor) -> tf.Tensor:
        selection = tf.cast(selection, self.topics.dtype)
        middle = 0.5
        if self.combine == "mean":
            chosen = tf.reduce_sum(selection, axis=1, keepdims=True)
            selection /= tf.maximum(chosen, 1.0)
            middle = 1.0 / selection.shape[1]
        return selection - middle if self.centred else selection

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.vocabulary_size)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "topic_dim": self.topic_dim,
            "combine": self.combine,
            "orthogonality": self.orthogonality,
            "centred": self.centred,
            "topics_initializer": keras.initializers.serialize(self.topics_initializer),
            "seed": self.seed,
        }
