from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How a WISH model is built and trained.

    Attributes:
        epochs: passes over the training texts.
        batch_size: texts a step.
        learning_rate: of Adam, at the start.
        cosine_decay: whether the rate falls to 0 along a cosine.
        topic_dim: length of a topic vector.
        hidden_units: widths of the encoder's hidden layers.
        dropout: share of the last hidden layer's units dropped.
        combine: `"sum"` or `"mean"` of the selected topic vectors.
        orthogonality: weight of the orthogonality penalty.
        kl_step: growth of the KL weight with each step, up to 1.
        stochastic: whether bits are drawn at random in training.
    """

    epochs: int = 40
    batch_size: int = 100
    learning_rate: float = 1e-3
    cosine_decay: bool = False
    topic_dim: int = 100
    hidden_units: tuple[int, ...] = (1000, 1000)
    dropout: float = 0.2
    combine: str = "sum"
    orthogonality: float = 1.0
    kl_step: float = 5e-6
    stochastic: bool = True
