"""Which certificates a client trusts."""

from __future__ import annotations

import os
import ssl

from wish_tf.errors import InputError


def ssl_context(ca_file: str | os.PathLike[str] | None) -> ssl.SSLContext:
    """Returns a context that trusts the system's certificates, or a file's only.

    Args:
        ca_file: Certificates in PEM; None for those of the system.

    Raises:
        InputError: If the file cannot be read or holds no certificate.
    """
    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise InputError(
            f"expected a file of PEM certificates; got {os.fspath(ca_file)!r}: "
            f"{error.strerror or error}"
        ) from error
