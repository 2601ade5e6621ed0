from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.export.versions import newest_version
from wish_tf.hashed_texts import OUTPUTS, HashedTexts, hash_in_batches


class SavedHasher:
    """An exported hasher, run in this process.

    Args:
        path: a folder of versions (the newest is taken) or one version.

    Attributes:
        path: the version's folder.
        bits: number of hash bits.

    Raises:
        InputError: when there is no SavedModel, or it is not one of a hasher.
    """

    def __init__(self, path: str | Path):
        self.path = newest_version(path)
        try:
            self._model = tf.saved_model.load(str(self.path))
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise InputError(
                f"expected a SavedModel in {self.path}; it cannot be loaded: "
                f"{str(error).splitlines()[0]}"
            ) from error
        self._hash = self._model.signatures.get("hash")
        outputs = self._hash.structured_outputs if self._hash else {}
        if not outputs.keys() >= OUTPUTS:
            raise InputError(
                f"expected a SavedModel exported by wish-tf in {self.path}; this "
                f"one has the signatures {sorted(self._model.signatures)}"
            )
        self.bits = outputs["probabilities"].shape[1]

    def hash(self, texts: Sequence[str], batch_size: int = 256) -> HashedTexts:
        """Returns the codes of texts.

        Args:
            texts: n strings.
            batch_size: how many are hashed at once; bounds the memory.
        """
        return hash_in_batches(self._hash, self.bits, texts, batch_size)

    def topics(self, words: int = 10) -> list[list[tuple[str, float]]]:
        """Returns each bit's strongest words with their weights."""
        outputs = self._model.signatures["topics"](k=tf.constant([words], tf.int32))
        return [
            [(word.decode(), float(weight)) for word, weight in zip(*bit, strict=True)]
            for bit in zip(
                outputs["words"][0].numpy(), outputs["weights"][0].numpy(), strict=True
            )
        ]
