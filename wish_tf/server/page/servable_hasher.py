"""A loaded version as something that hashes texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from wish_tf.export.saved_hasher import OUTPUTS
from wish_tf.hashed_texts import HashedTexts
from wish_tf.server.loaded_version import LoadedVersion

SIGNATURE = "hash"


class ServableHasher:
    """Hashes texts by the signature `hash`, a few at a time."""

    def __init__(
        self,
        run: Callable[[str, Mapping[str, np.ndarray]], dict[str, np.ndarray]],
        rows: int,
    ) -> None:
        """Binds to a version.

        Args:
            run: Runs a signature of it: its name and inputs to outputs.
            rows: Most texts of a run.
        """
        self._run = run
        self._rows = rows

    def hash(self, texts: Sequence[str]) -> HashedTexts:
        """The codes of texts.

        Args:
            texts: At least one; lone surrogates count as `?`.
        """
        parts = []
        for start in range(0, len(texts), self._rows):
            batch = texts[start : start + self._rows]
            encoded = [text.encode("utf-8", "replace") for text in batch]
            parts.append(self._run(SIGNATURE, {"text": np.array(encoded, object)}))
        return HashedTexts(
            np.concatenate([part["probabilities"] for part in parts]),
            np.concatenate([part["out_of_vocabulary"] for part in parts]),
        )


def bits_of(servable: LoadedVersion) -> int | None:
    """Length of the codes of a version, or None if it is no hasher of wish-tf's.

    Args:
        servable: The version.
    """
    signature = servable.signatures.get(SIGNATURE)
    if signature is None or set(signature.inputs) != {"text"}:
        return None
    if not set(signature.outputs) >= OUTPUTS:
        return None
    sizes = [dim.size for dim in signature.outputs["probabilities"].tensor_shape.dim]
    return sizes[1] if len(sizes) == 2 and sizes[1] > 0 else None
