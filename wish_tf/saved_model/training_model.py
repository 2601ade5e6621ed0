from __future__ import annotations

import numpy as np

from wish_tf.errors import InputError
from wish_tf.runs import RunFolder, TrainConfig
from wish_tf.saved_model.exported_version import ExportedVersion

TEXTS = 1000
BATCH = 250


class TrainingModel:
    """The model that a version was exported from, and texts to compare both on.

    Args:
        run: its run.

    Attributes:
        random: whether it hashes at random, since dropout stays on.
        texts: up to 1,000 of the run's corpus, those of the test part first.

    Raises:
        InputError: when the run is not finished, or its corpus cannot be loaded.
    """

    def __init__(self, run: RunFolder):
        config = TrainConfig.from_json(run.check_finished())
        self._hasher = run.hasher()
        # A recipe that fits nothing has no settings of a model.
        self.random = bool(
            config.recipe["model"] and config.recipe["model"]["dropout_when_hashing"]
        )
        splits = config.load_splits()
        parts = (splits.test, splits.validation, splits.train)
        self.texts = [text for part in parts for text in part.texts][:TEXTS]

    def check(self, version: ExportedVersion) -> str:
        """Checks that a version gives 1,000 texts, or all, this model's codes.

        Returns:
            How many were compared.

        Raises:
            InputError: when a code differs.
        """
        # A version may have the first bits alone.
        hasher, bits = self._hasher, version.bits()
        if 0 < bits < hasher.bits:
            hasher = hasher.cut(bits)
        expected = hasher.hash(self.texts, BATCH).bits
        batches = range(0, len(self.texts), BATCH)
        got = np.concatenate(
            [version.hash(self.texts[i : i + BATCH])["bits"] for i in batches]
        )
        if got.shape != expected.shape:
            raise InputError(
                f"expected codes of {expected.shape[1]} bits, as of the training "
                f"model; got {got.shape[1]}"
            )
        others = int((got != expected).any(axis=1).sum())
        if others:
            raise InputError(
                f"expected the codes of the training model; got others for {others} "
                f"of {len(expected)} texts"
            )
        return f"the same codes for {len(expected)} texts"
