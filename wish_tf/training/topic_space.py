from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from wish_tf.recipes import Annealing
from wish_tf.training.topic_annealing import TopicAnnealing
from wish_tf.training.topics import Topics
from wish_tf.types import Csr

LSA_DIMENSIONS = 100
# Weight of the LSA part of a point's length against that of the topics.
LSA_WEIGHT = 0.7
# Of the likelihood: below 1, so that probabilities are graded and not 0 or 1.
BETA = 0.5


Rest = ParamSpec("Rest")


class TopicSpace:
    """A space in which texts about the same thing are close.

    One decoder of a few bits is a coarse and a chancy view of a corpus. Several
    of them, annealed from different seeds, see much more: the probabilities of
    all their bits are the coordinates here. Where texts are short, LSA adds to
    it, so it has a part as well.

    Args:
        rows: tf-idf rows of the training texts, CSR float32 [n, vocabulary].
        annealing: how the decoders are learned.
        seed: of the first decoder and the LSA.
        on_step: called with the number of steps done of all decoders.
        on_state: called with that and with what `TopicAnnealing.run` tells.
    """

    def __init__(
        self,
        rows: Csr,
        annealing: Annealing,
        seed: int = 0,
        on_step: Callable[[int], None] | None = None,
        on_state: Callable[[int, dict[str, float]], None] | None = None,
    ):
        self._flip = annealing.flip[1]
        self._decoders: list[Topics] = []
        for i in range(annealing.decoders):
            # Seeds of neighbouring runs should not share decoders.
            decoder = TopicAnnealing(
                rows,
                annealing.bits,
                steps=annealing.steps,
                vocabulary=annealing.vocabulary,
                beta=annealing.beta,
                flip=annealing.flip,
                prior=annealing.prior,
                seed=seed * annealing.decoders + i,
            )
            done = i * annealing.steps
            self._decoders.append(
                decoder.run(
                    None if on_step is None else _counting_from(done, on_step),
                    None if on_state is None else _counting_from(done, on_state),
                )
            )
        self._middle = self._probabilities(rows).mean(axis=0)
        self._lsa = TruncatedSVD(
            max(1, min(LSA_DIMENSIONS, min(rows.shape) - 1)), random_state=seed
        ).fit(rows)

    def points(self, rows: Csr) -> np.ndarray:
        """Returns the places of texts, float32 [n, dimensions], of length 1.

        Args:
            rows: tf-idf rows, CSR [n, vocabulary].
        """
        topics = normalize(self._probabilities(rows) - self._middle)
        lsa = LSA_WEIGHT * normalize(self._lsa.transform(rows))
        return normalize(np.concatenate([topics, lsa], axis=1)).astype(np.float32)

    def directions(self) -> np.ndarray:
        """Returns the linear maps of rows that `points` are made from, float32
        [vocabulary, dimensions]."""
        parts = [self._lsa.components_]
        for decoder in self._decoders:
            parts += [decoder.words, decoder.bias[np.newaxis]]
        parts.append(np.ones((1, parts[0].shape[1])))
        return np.concatenate(parts).T.astype(np.float32)

    def _probabilities(self, rows: Csr) -> np.ndarray:
        return np.concatenate(
            [
                decoder.probabilities(rows, BETA, self._flip)
                for decoder in self._decoders
            ],
            axis=1,
        )


def _counting_from(
    done: int, call: Callable[Concatenate[int, Rest], None]
) -> Callable[Concatenate[int, Rest], None]:
    """Returns what calls with the steps of earlier decoders added."""

    def with_earlier(step: int, /, *rest: Rest.args, **named: Rest.kwargs) -> None:
        call(done + step, *rest, **named)

    return with_earlier
