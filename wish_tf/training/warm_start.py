from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from wish_tf.errors import InputError
from wish_tf.layers import CodeBook, TopicSpace
from wish_tf.models import NestedHash
from wish_tf.settings import Count, Share
from wish_tf.training.cells import balanced_cells
from wish_tf.training.nested_codes import Places, fine_clusters, points_of
from wish_tf.training.stages import Arrays, Stages
from wish_tf.training.strategy import Strategy, TrainingData, strategy
from wish_tf.types import Csr

# Texts that are compared with all centres at a time.
BATCH = 1000


@strategy("warm_start")
@dataclass(frozen=True)
class WarmStart(Strategy):
    """A training on new texts whose codes stay comparable with an old model's.

    Space, centres, codes and names are the old model's. A word that is new gets the
    place where the texts that hold it are; a word that is gone is forgotten. So a text
    changes its code only where its tf-idf row has changed. Texts about something new,
    of which new words are a part, get centres of their own: with the topics of the old
    centre that is nearest, and a free code behind them.

    Attributes:
        new: least share of new words in a text that gets such a centre, of its squared
            weights.
        texts_a_code: such texts of a centre, on average.
        apart: least share of such texts among those that the centre draws from the old
            ones; other centres would change the codes of texts that are not new.
        rounds: of k-means.
    """

    new: Share = 0.25
    texts_a_code: Count = 5
    apart: Share = 0.8
    rounds: Count = 30

    fits = False

    def prepare(self, data: TrainingData, stages: Stages) -> Arrays:
        (coder, columns), rows = _old(data), data.rows
        there = columns >= 0
        if not np.asarray(rows[:, columns[there]].sum()) > 0:
            raise InputError(
                "expected texts with words that the old model knows; got "
                f"{rows.shape[0]} texts without"
            )
        unknown = np.ones(rows.shape[1], bool)
        unknown[columns[there]] = False

        def carried(table: keras.Variable, power: float) -> np.ndarray:
            """Returns the table of the new words, float32 [vocabulary, d]."""
            powered = rows.copy()
            powered.data **= power
            found = np.zeros((rows.shape[1], table.shape[1]), np.float32)
            found[columns[there]] = table.numpy()[there]
            holding = powered[:, unknown].T.tocsr()
            weight = np.maximum(np.asarray(holding.sum(axis=1)).reshape(-1, 1), 1e-6)
            found[unknown] = holding @ (powered @ found) / weight
            return found

        old = coder.space
        prepared = {
            "directions": carried(old.directions, 1),
            "lsa": carried(old.lsa, old.lsa_power),
        }
        squares = rows.multiply(rows).tocsr()
        share = squares[:, unknown].sum(axis=1) / squares.sum(axis=1)
        told = np.asarray(share).ravel() >= self.new
        k = int(told.sum()) // self.texts_a_code
        if not k:
            return prepared
        points = points_of(_space(old, rows, prepared), rows)
        places = Places(points, points).of(np.flatnonzero(told))
        for i, book in enumerate(coder.books):
            centres, codes, _ = book.in_use()
            own = fine_clusters(places, k, self.rounds, data.seed + i)
            own = own[self._apart(points, told, centres, own)]
            if len(own):
                nearest = codes[(own @ centres.T).argmax(axis=1)]
                frozen = coder.topics if i == 0 else 0
                prepared[f"{i}.centres"] = own
                prepared[f"{i}.codes"] = free_codes(nearest, codes, frozen)
        return prepared

    def _apart(
        self, points: np.ndarray, told: np.ndarray, centres: np.ndarray, own: np.ndarray
    ) -> np.ndarray:
        """Returns which new centres draw hardly a text that is not new, bool [k]."""
        nearest = np.empty(len(points), np.int64)
        for start in range(0, len(points), BATCH):
            part = points[start : start + BATCH]
            among = part @ own.T
            drawn = among.max(axis=1) > (part @ centres.T).max(axis=1)
            nearest[start : start + BATCH] = np.where(drawn, among.argmax(axis=1), -1)
        drawn = nearest >= 0
        all_, new = (
            np.bincount(nearest[which], minlength=len(own))
            for which in (drawn, drawn & told)
        )
        return new >= self.apart * np.maximum(all_, 1)

    def model(
        self, data: TrainingData, encoder: Mapping[str, Any], prepared: Arrays
    ) -> NestedHash:
        old = _old(data)[0].cut(data.bits)
        space = _space(old.space, data.rows, prepared)
        books = []
        for i, book in enumerate(old.books):
            if f"{i}.centres" in prepared:
                own, codes = prepared[f"{i}.centres"], prepared[f"{i}.codes"]
                cells = book.cells + balanced_cells(own, book.size)
                parts = zip(book.in_use(), (own, codes, cells), strict=True)
                book = CodeBook.of(
                    *map(np.concatenate, parts),
                    probes=book.probes,
                    temperature=book.temperature,
                    name=book.name,
                )
            books.append(book)
        return NestedHash(
            space, books, data.rows.shape[1], old.topics, data.bits, name="wish"
        )


def free_codes(wanted: np.ndarray, taken: np.ndarray, frozen: int) -> np.ndarray:
    """Returns for each code the nearest that is not taken, uint8 0/1 [n, bits].

    Args:
        wanted: codes, uint8 0/1 [n, bits].
        taken: codes that are in use, uint8 0/1 [m, bits].
        frozen: how many of the first bits stay as they are wanted. Where all codes
            that begin so are taken, the one that is wanted is shared.
    """
    bits = wanted.shape[1]
    weights = 1 << np.arange(bits)
    used = np.zeros(2**bits, bool)
    used[taken @ weights] = True
    changes = np.arange(2 ** (bits - frozen)) << frozen
    # The fewest changed bits first.
    changes = changes[np.argsort(np.bitwise_count(changes), kind="stable")]
    found = []
    for code in (wanted @ weights).tolist():
        near = code ^ changes
        code = int(near[np.argmin(used[near])])
        used[code] = True
        found.append(code)
    return (np.array(found)[:, np.newaxis] >> np.arange(bits) & 1).astype(np.uint8)


def _space(
    old: TopicSpace, rows: Csr, prepared: Mapping[str, np.ndarray]
) -> TopicSpace:
    """Returns the old space with the words of the rows."""
    space = TopicSpace.from_config(old.get_config())
    space.build((None, rows.shape[1]))
    space.partitions.assign(old.partitions)
    space.middle.assign(old.middle)
    space.directions.assign(prepared["directions"])
    space.lsa.assign(prepared["lsa"])
    return space


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
