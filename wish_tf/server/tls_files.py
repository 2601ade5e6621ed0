"""Certificate and key of the server."""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path

from wish_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class TlsFiles:
    """PEM files that belong together; checked when made.

    Attributes:
        certificate: Certificate, or the chain with the server's own first.
        key: Its private key, not encrypted.
    """

    certificate: Path
    key: Path

    def __post_init__(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # An encrypted key must not stop the server to ask for a password.
            context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                f"expected a PEM certificate and its key; got {self.certificate} and "
                f"{self.key}, which cannot be used: {reason}"
            ) from error
