from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from wish_tf.models import Coder
from wish_tf.naming import NamingSettings, Topic
from wish_tf.settings import Settings
from wish_tf.training.stages import Arrays, Stages
from wish_tf.types import Csr

Kind = TypeVar("Kind", bound="type[Strategy]")


@dataclass(frozen=True)
class OldModel:
    """What a `WarmStart` is to agree with.

    Attributes:
        coder: the model.
        topics: what names its first bits.
        columns: of the old model's words, their columns in the new rows, -1 for a
            word that the new rows do not have, int [old vocabulary].
    """

    coder: Coder
    topics: tuple[Topic, ...]
    columns: np.ndarray


@dataclass(frozen=True)
class TrainingData:
    """What a model is trained on.

    Attributes:
        rows: tf-idf rows, CSR float32 [n, vocabulary], no row of which is empty.
        bits: length of a code.
        seed: of the initial weights, the order of the rows and the noise.
        validation_rows: rows whose loss is reported each epoch, or None.
        embeddings: the user's own vectors of the rows' texts, from which codes also
            learn what is near, float32 [n, any]; None: from the words alone.
        old: of a `WarmStart`, the model whose codes are kept; else None.
        places: which of the texts that were given each row is of, int [n], or None.
        drawn_from: of a sample, the number of rows that it was drawn from.
    """

    rows: Csr
    bits: int
    seed: int = 0
    validation_rows: Csr | None = None
    embeddings: np.ndarray | None = None
    old: OldModel | None = None
    places: np.ndarray | None = None
    drawn_from: int | None = None

    def sample(self, most: int) -> TrainingData:
        """Returns this with at most so many rows, drawn at random by the seed."""
        n = self.rows.shape[0]
        if n <= most:
            return self
        random = np.random.default_rng(self.seed)
        chosen = np.sort(random.choice(n, most, replace=False))
        return replace(
            self,
            rows=self.rows[chosen],
            embeddings=None if self.embeddings is None else self.embeddings[chosen],
            places=None if self.places is None else self.places[chosen],
            drawn_from=n,
        )


class Strategy(Settings):
    """A way to train: settings, and what is asked of it, in this order.

    A new one is a frozen dataclass with these methods under `@strategy(NAME)`.
    """

    kinds: ClassVar[dict[str, type[Settings]]] = {}
    # Whether `fit` of Keras trains something; else all is done by `prepare`.
    fits: ClassVar[bool] = True
    # Whether it learns from embeddings as well.
    takes_embeddings: ClassVar[bool] = False

    @property
    def naming(self) -> NamingSettings:
        """Which words can name a bit."""
        return NamingSettings()

    def drawn(self, data: TrainingData) -> TrainingData:
        """Returns what it learns from, and what names are given by: all, or a
        sample."""
        return data

    @abstractmethod
    def model(
        self, data: TrainingData, encoder: Mapping[str, Any], prepared: Arrays
    ) -> Coder:
        """Returns the model that comes out, as far as `prepare` goes.

        Args:
            data: what it is trained on.
            encoder: the arguments of `WISH` that say how codes are computed; none
                where nothing is fitted.
            prepared: what `prepare` returned.
        """

    def prepare(self, data: TrainingData, stages: Stages) -> Arrays:
        """Does what comes before `fit`; called on the chief alone.

        Args:
            data: what the model is trained on.
            stages: through which each stage runs once, however often training is
                interrupted, and tells how far it is.

        Returns:
            Arrays, which the other workers and `model` are given.
        """
        return {}


def strategy(name: str) -> Callable[[Kind], Kind]:
    """Registers a strategy under the name that recipes are written with."""

    def register(cls: Kind) -> Kind:
        cls.name = name
        Strategy.kinds[name] = cls
        return cls

    return register
