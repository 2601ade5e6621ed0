"""A loaded version as something that hashes texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from wish_tf.hashed_texts import OUTPUTS, HashedTexts, hash_in_batches
from wish_tf.server.servable import Servable

SIGNATURE = "hash"


class ServableHasher:
    """Hashes texts by the signature `hash`, a few at a time."""

    def __init__(
        self,
        run: Callable[[str, Mapping[str, np.ndarray]], dict[str, np.ndarray]],
        bits: int,
        rows: int,
    ) -> None:
        """Binds to a version.

        Args:
            run: Runs a signature of it: its name and inputs to outputs.
            bits: Length of its codes.
            rows: Most texts of a run.
        """
        self._run = run
        self._bits = bits
        self._rows = rows

    def hash(self, texts: Sequence[str]) -> HashedTexts:
        """The codes of texts.

        Args:
            texts: Lone surrogates count as `?`.
        """
        return hash_in_batches(self._hash, self._bits, texts, self._rows)

    def _hash(self, text: list[bytes]) -> dict[str, np.ndarray]:
        return self._run(SIGNATURE, {"text": np.array(text, object)})


def bits_of(servable: Servable) -> int | None:
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
