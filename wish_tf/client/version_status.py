from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wish_tf.client.errors import ServerError


@dataclass(frozen=True)
class VersionStatus:
    """How one version of a model is.

    Attributes:
        version: Its number.
        state: `START`, `LOADING`, `AVAILABLE`, `UNLOADING`, `END` or `UNKNOWN`.
        error_code: `OK`, or the name of the code of what went wrong.
        error_message: What went wrong; empty if nothing.
    """

    version: int
    state: str
    error_code: str
    error_message: str

    @classmethod
    def list_from_json(cls, answer: Any) -> list[VersionStatus]:
        """Reads the body of a status answer.

        Raises:
            ServerError: If it is not one.
        """
        try:
            return [cls._from_json(entry) for entry in answer["model_version_status"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ServerError(
                "expected the state of the model's versions; the server sent "
                f"{str(answer)[:100]!r}",
                200,
            ) from None

    @classmethod
    def _from_json(cls, entry: dict[str, Any]) -> VersionStatus:
        # A message without a status is one whose status is OK.
        status = entry.get("status", {})
        return cls(
            int(entry["version"]),
            str(entry["state"]),
            str(status.get("error_code", "OK")),
            str(status.get("error_message", "")),
        )
