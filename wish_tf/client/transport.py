from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Transport(Protocol):
    """One way to ask a server about one model; safe to use from several threads.

    Every method asks once. Each raises `ServerError` when there is no answer, or
    none that can be used.
    """

    def predict(
        self, signature: str, **inputs: Sequence[str] | Sequence[int]
    ) -> Mapping[str, Any]:
        """Runs a signature.

        Args:
            signature: `hash`, `topics` or `search`.
            inputs: What each of its inputs is given, [n]: `text`, strings, or `k`,
                integers.

        Returns:
            Array or nested list per output. Strings are `bytes` in outputs whose
            names end in `_bytes`, `str` in all others.
        """
        ...

    def status(self) -> Any:
        """Returns the state of the model's versions, as TF-Serving's JSON."""
        ...

    def metadata(self) -> Any:
        """Returns the model's signatures, as TF-Serving's JSON."""
        ...

    def close(self) -> None:
        """Closes the connections."""
        ...
