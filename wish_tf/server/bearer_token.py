"""The secret that a client has to show."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from wish_tf.errors import InputError

_SCHEME = "bearer "


class BearerToken:
    """Compares what clients send with one secret."""

    def __init__(self, token: str) -> None:
        """Keeps the secret.

        Raises:
            InputError: If it is empty or has white space in it.
        """
        if len(token.split()) != 1 or token != token.strip():
            raise InputError(
                f"expected a token without white space; got {len(token.split())} words"
            )
        self._token = token.encode()

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> BearerToken:
        """Reads the secret from a file that holds nothing else but white space.

        Raises:
            InputError: If the file cannot be read or does not hold one word.
        """
        try:
            return cls(Path(path).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise InputError(
                f"expected a file with a token; got {path}, which cannot be read: "
                f"{reason}"
            ) from error

    def accepts(self, authorization: str | None) -> bool:
        """Whether an `Authorization` header (None: there was none) holds the secret.

        Takes as long for a near miss as for any other.
        """
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            return False
        given = authorization[len(_SCHEME) :].strip()
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token)
