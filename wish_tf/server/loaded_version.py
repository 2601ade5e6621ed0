"""What a version can do once it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from wish_tf.server.batching import Encode


class LoadedVersion(Protocol):
    """The side that `Servable` and `BatchedServable` have in common.

    Attributes:
        path: Folder of the SavedModel.
        version: Version number.
        signatures: The SavedModel's `SignatureDef` per name.
        merged: The signatures whose calls are merged.
    """

    path: Path
    version: int
    signatures: dict[str, Any]
    merged: frozenset[str]

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """TensorFlow's C++ dtype name (`float`, `string`) per input."""

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """Refuses other inputs than the signature has."""

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature; safe to call from several threads."""

    def submit(
        self, signature_name: str, inputs: Mapping[str, np.ndarray], encode: Encode
    ) -> Future:
        """Runs a signature of `merged` later, with other calls."""

    def close(self) -> None:
        """Frees the version; no run may follow."""
