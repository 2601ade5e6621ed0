from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How a WISH model is built and trained.

    Attributes:
        epochs: passes over the training texts by `fit`.
        batch_size: texts a step.
        learning_rate: of Adam, at its highest.
        cosine_decay: whether the rate warms up over 20 steps and then falls
            along a cosine to a fiftieth.
        annealing: how the codes that the encoder learns to give are found; None
            for the paper's way, encoder and decoder at once from drawn bits.
        topic_dim: length of a topic vector.
        hidden_units: widths of the encoder's hidden layers.
        dropout: share of the last hidden layer's units dropped.
        dropout_when_hashing: whether it stays on outside of training.
        word_dropout: share of a text's words left out of the encoder's input.
        word_scale: standard deviation of the first layer's initial weights.
        combine: `"sum"` or `"mean"` of the selected topic vectors.
        orthogonality: weight of the orthogonality penalty.
        centred: whether the decoder centres the selection.
        uniform_topics: whether topic vectors start uniform in [0, 1), as in the
            paper's public code, instead of orthonormal.
        gradient: of the bits with respect to their probabilities.
        kl_step: growth of the KL weight with each step, up to 1; without
            annealing.
        stochastic: whether bits are drawn at random; without annealing.

    Examples:
        >>> from dataclasses import replace
        >>> from wish_tf.recipes import default
        >>> recipe = replace(default(8), epochs=4)  # the default but for one thing
        >>> recipe.epochs, recipe.batch_size
        (4, 250)
    """

    epochs: int = 40
    batch_size: int = 100
    learning_rate: float = 1e-3
    cosine_decay: bool = False
    annealing: Annealing | None = None
    topic_dim: int = 100
    hidden_units: tuple[int, ...] = (1000, 1000)
    dropout: float = 0.2
    dropout_when_hashing: bool = False
    word_dropout: float = 0.0
    word_scale: float = 2**0.5
    combine: str = "sum"
    orthogonality: float = 1.0
    centred: bool = True
    uniform_topics: bool = False
    gradient: float = 1.0
    kl_step: float = 5e-6
    stochastic: bool = True


@dataclass(frozen=True)
class Annealing:
    """How the decoders that span a `TopicSpace` are learned.

    Attributes:
        decoders: how many.
        bits: of each.
        steps: number of steps of each.
        vocabulary: how many of the heaviest words define the topics.
        beta: (first, last) weight of the likelihood.
        flip: (first, last) probability of a flipped bit.
        prior: weight of the Gaussian prior on what topics add to logits.
    """

    decoders: int = 4
    bits: int = 8
    steps: int = 500
    vocabulary: int = 20_000
    beta: tuple[float, float] = (0.2, 8.0)
    flip: tuple[float, float] = (0.15, 0.07)
    prior: float = 0.5

    @property
    def all_steps(self) -> int:
        """The steps of all decoders."""
        return self.decoders * self.steps
