"""What a version can do once it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class LoadedVersion(Protocol):
    """The side that `Servable` and `BatchedServable` have in common.

    Attributes:
        path: Folder of the SavedModel.
        version: Version number.
        signatures: The SavedModel's `SignatureDef` per name.

    """

    path: Path
    version: int
    signatures: dict[str, Any]

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """TensorFlow's C++ dtype name (`float`, `string`) per input."""

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """Refuses other inputs than the signature has."""

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature; safe to call from several threads."""

    def close(self) -> None:
        """Frees the version; no run may follow."""
