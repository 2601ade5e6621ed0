from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from wish_tf.errors import InputError
from wish_tf.layers import TopicSpace
from wish_tf.models import NestedHash
from wish_tf.training.stages import Arrays, Stages
from wish_tf.training.strategy import Strategy, TrainingData, strategy


@strategy("warm_start")
@dataclass(frozen=True)
class WarmStart(Strategy):
    """A training on new texts whose codes stay comparable with an old model's.

    Space, centres, codes and names are the old model's. A word that is new gets the
    place where the texts that hold it are; a word that is gone is forgotten. So a text
    changes its code only where its tf-idf row has changed.
    """

    fits = False

    def prepare(self, data: TrainingData, stages: Stages) -> Arrays:
        (coder, columns), rows = _old(data), data.rows
        there = columns >= 0
        if not np.asarray(rows[:, columns[there]].sum()) > 0:
            raise InputError(
                "expected texts with words that the old model knows; got "
                f"{rows.shape[0]} texts without"
            )
        new = np.ones(rows.shape[1], bool)
        new[columns[there]] = False

        def carried(table: keras.Variable, power: float) -> np.ndarray:
            """Returns the table of the new words, float32 [vocabulary, d]."""
            powered = rows.copy()
            powered.data **= power
            found = np.zeros((rows.shape[1], table.shape[1]), np.float32)
            found[columns[there]] = table.numpy()[there]
            holding = powered[:, new].T.tocsr()
            weight = np.maximum(np.asarray(holding.sum(axis=1)).reshape(-1, 1), 1e-6)
            found[new] = holding @ (powered @ found) / weight
            return found

        space = coder.space
        return {
            "directions": carried(space.directions, 1),
            "lsa": carried(space.lsa, space.lsa_power),
        }

    def model(
        self, data: TrainingData, encoder: Mapping[str, Any], prepared: Arrays
    ) -> NestedHash:
        old = _old(data)[0].cut(data.bits)
        width = data.rows.shape[1]
        space = TopicSpace.from_config(old.space.get_config())
        space.build((None, width))
        space.partitions.assign(old.space.partitions)
        space.middle.assign(old.space.middle)
        space.directions.assign(prepared["directions"])
        space.lsa.assign(prepared["lsa"])
        return NestedHash(space, old.books, width, old.topics, data.bits, name="wish")


def _old(data: TrainingData) -> tuple[NestedHash, np.ndarray]:
    """Returns the old model and the columns of its words, after checking it."""
    if data.old is None:
        raise InputError(
            "expected an older model whose codes are to be kept, `like` of "
            "TextHasher.fit or --like; got none"
        )
    if not isinstance(data.old.coder, NestedHash):
        raise InputError(
            "expected an older model of the recipe `default`, whose codes can be kept; "
            f"got a {type(data.old.coder).__name__}"
        )
    if data.old.coder.bits < data.bits:
        raise InputError(
            f"expected at most {data.old.coder.bits} bits, as the model has whose "
            f"codes are to be kept; got {data.bits}"
        )
    return data.old.coder, data.old.columns
