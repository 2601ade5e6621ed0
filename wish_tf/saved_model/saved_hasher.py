from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  the ops that a hasher has
from numpy.typing import ArrayLike

from wish_tf.checks import check_process, whole_number
from wish_tf.codes import NAMED_BITS
from wish_tf.errors import InputError, first_line
from wish_tf.files import read_json
from wish_tf.hashed_texts import OUTPUTS, HashedTexts, hash_in_batches
from wish_tf.naming import Bucket, reading
from wish_tf.saved_model.versions import newest_version
from wish_tf.server.version_directory import CARD_FILE


class SavedHasher:
    """An exported hasher, run in this process.

    A SavedModel is a program: it can read and write files with your rights when it
    is loaded or run. Load only those that you trust.

    Args:
        path: a folder of versions (the newest is taken) or one version.

    Attributes:
        path: the version's folder.
        bits: number of hash bits.

    Raises:
        InputError: when there is no SavedModel, or it is not one of a hasher.
    """

    def __init__(self, path: str | Path):
        check_process()
        self.path = newest_version(path)
        try:
            self._model = tf.saved_model.load(str(self.path))
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise InputError(
                f"expected a SavedModel in {self.path}; got what cannot be loaded: "
                f"{first_line(error)}"
            ) from error
        self._hash = self._model.signatures.get("hash")
        outputs = self._hash.structured_outputs if self._hash else {}
        if not outputs.keys() >= OUTPUTS:
            raise InputError(
                f"expected a SavedModel exported by wish-tf in {self.path}; got "
                f"one with the signatures {sorted(self._model.signatures)}"
            )
        self.bits = outputs["probabilities"].shape[1]

    def cut(self, bits: int) -> SavedHasher:
        """Returns a hasher whose codes are the first bits of this one's.

        Args:
            bits: how many, from 8, or the bits of this one if they are fewer.

        Raises:
            InputError: when there are not so many, or its codes are not nested.
        """
        if bits == self.bits:
            return self
        card = read_json(self.path / CARD_FILE, {"nested": bool})
        if not card["nested"]:
            raise InputError(
                f"expected {self.bits} bits, since the codes of {self.path} are "
                f"not nested; got {bits}"
            )
        shorter = copy(self)
        shorter.bits = whole_number(bits, "bits", min(NAMED_BITS, self.bits), self.bits)
        return shorter

    def hash(self, texts: Iterable[str], batch_size: int = 512) -> HashedTexts:
        """Returns the codes of texts.

        Args:
            texts: n strings, in any form that `TextHasher.hash` takes.
            batch_size: how many are hashed at once; bounds the memory.

        Raises:
            InputError: when texts are not such, the batch size is below 1, or this
                process was forked from the one that loaded the hasher.
        """
        return hash_in_batches(self._hash, self.bits, texts, batch_size)

    @property
    def names(self) -> list[str]:
        """The names of the bits; of one that is no topic it is empty."""
        check_process()
        outputs = self._model.signatures["topics"](k=tf.constant([1], tf.int32))
        return [name.decode() for name in outputs["names"][0].numpy()[: self.bits]]

    @cached_property
    def buckets(self) -> list[Bucket]:
        """What names the codes of the named bits, from the model card; none of an
        export without a card."""
        path = self.path / CARD_FILE
        if not path.is_file():
            return []
        found = read_json(path, {"buckets": list})["buckets"]
        return [Bucket(**bucket) for bucket in found]

    def read(self, code: ArrayLike) -> str:
        """Returns a code as a person reads it (`TextHasher.read`)."""
        return reading(np.asarray(code), self.names, self.buckets)

    def topics(self, words: int = 10) -> list[list[tuple[str, float]]]:
        """Returns the words of each bit that is a topic, none of the others, with how
        much the bit makes of each."""
        check_process()
        words = whole_number(words, "words", 1, 2**31 - 1)
        outputs = self._model.signatures["topics"](k=tf.constant([words], tf.int32))
        return [
            [
                (word.decode(), float(weight))
                for word, weight in zip(*bit, strict=True)
                if word
            ]
            for bit in zip(
                outputs["words"][0].numpy(), outputs["weights"][0].numpy(), strict=True
            )
        ]
