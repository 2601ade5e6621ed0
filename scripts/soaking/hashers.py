"""Two small hashers whose answers can be told apart."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from wish_tf.hashed_texts import HashedTexts
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import SavedHasher, export_hasher

BITS = 16
SIZES = (1, 16, 256)
_WORDS = [f"word{number}" for number in range(5000)]
_BATCHES = 8  # of each size
# Probabilities that are this near to 1/2 may fall on either side of it, since the
# last digits of a sum depend on how many texts are in a run.
_NEAR = 1e-3
_SAME = 1e-5


class Hashers:
    """Exports of two untrained hashers, texts, and what each makes of them.

    Attributes:
        folders: The SavedModel of each.
        batches: Lists of texts.
    """

    def __init__(self, scratch: Path) -> None:
        """Writes the exports.

        Args:
            scratch: Folder for them.
        """
        self.folders = [_export(scratch / str(seed), seed) for seed in (0, 1)]
        saved = [SavedHasher(folder) for folder in self.folders]
        random = np.random.default_rng(0)
        texts = [
            " ".join(random.choice(_WORDS, random.integers(5, 60)))
            for _ in range(2 * _BATCHES * sum(SIZES))
        ]
        hashed = [hasher.hash(texts) for hasher in saved]
        certain = np.all(
            [np.abs(answer.probabilities - 0.5) > _NEAR for answer in hashed],
            axis=(0, 2),
        )
        different = (hashed[0].bits != hashed[1].bits).any(axis=1)
        usable = np.flatnonzero(certain & different)
        self.batches: list[list[str]] = []
        self._expected: list[list[HashedTexts]] = []
        for size in SIZES:
            for _ in range(_BATCHES):
                rows, usable = usable[:size], usable[size:]
                if len(rows) < size:
                    raise RuntimeError("too few texts tell the two hashers apart")
                self.batches.append([texts[row] for row in rows])
                self._expected.append(
                    [
                        HashedTexts(
                            answer.probabilities[rows], answer.out_of_vocabulary[rows]
                        )
                        for answer in hashed
                    ]
                )

    def is_right(self, batch: int, version: int, answer: HashedTexts) -> bool:
        """Whether an answer is that of a version, which are of the two in turn.

        Args:
            batch: Number of the batch that was asked.
            version: Number of the version.
            answer: What came.
        """
        expected = self._expected[batch][version % 2]
        return (
            np.array_equal(expected.bits, answer.bits)
            and np.array_equal(expected.out_of_vocabulary, answer.out_of_vocabulary)
            and np.allclose(
                expected.probabilities, answer.probabilities, rtol=0, atol=_SAME
            )
        )


def _export(base: Path, seed: int) -> Path:
    keras.utils.set_random_seed(seed)
    vectorization = TfidfVectorization(_WORDS, [1.0] * len(_WORDS))
    wish = WISH(BITS, len(_WORDS), hidden_units=(200,), name="wish")
    return export_hasher(HashingModel(vectorization, wish), base)
