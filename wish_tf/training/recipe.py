from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wish_tf.errors import InputError
from wish_tf.settings import Count, Positive, Settings, Share
from wish_tf.training.nested_codes import NestedCodes
from wish_tf.training.strategy import Strategy


@dataclass(frozen=True)
class ModelSettings(Settings):
    """The encoder, which computes the codes.

    Attributes:
        hidden_units: widths of the hidden layers.
        dropout: share of the last hidden layer's units dropped in training.
        dropout_when_hashing: whether it stays on outside of training.
        word_dropout: share of a text's words left out in training.
    """

    hidden_units: tuple[Count, ...] = (1000, 1000)
    dropout: Share = 0.2
    dropout_when_hashing: bool = False
    word_dropout: Share = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hidden_units:
            raise InputError("expected at least one width in hidden_units; got none")


@dataclass(frozen=True)
class FitSettings(Settings):
    """What `fit` of Keras does.

    Attributes:
        epochs: passes over the training texts.
        batch_size: texts a step.
        learning_rate: of Adam.
    """

    epochs: Count = 100
    batch_size: Count = 100
    learning_rate: Positive = 1e-3


@dataclass(frozen=True)
class Recipe(Settings):
    """How a model is built and trained; by default as the preset `default` says.

    Attributes:
        strategy: the way to train, `NestedCodes`, `StraightThrough` or `WarmStart`.
        model: the encoder, where the strategy fits one; else None.
        fit: what `fit` of Keras does; else None.

    Examples:
        >>> from wish_tf.recipes import DEFAULT
        >>> recipe = DEFAULT.with_setting("strategy.space.decoders", 2)
        >>> recipe.strategy.space.decoders, recipe.fit
        (2, None)
        >>> Recipe.from_json(recipe.to_json()) == recipe
        True
    """

    strategy: Strategy = NestedCodes()
    model: ModelSettings | None = None
    fit: FitSettings | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, kind in (("model", ModelSettings), ("fit", FitSettings)):
            value = getattr(self, name)
            if self.strategy.fits and value is None:
                object.__setattr__(self, name, kind())
            elif not self.strategy.fits and value is not None:
                raise InputError(
                    f"expected no settings of {name}, since {self.strategy.name} fits "
                    f"no encoder; got {value!r}"
                )

    def encoder(self) -> dict[str, Any]:
        """Returns the arguments of `WISH` that say how codes are computed."""
        return {} if self.model is None else self.model.to_json()
