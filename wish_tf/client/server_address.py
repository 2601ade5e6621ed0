from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from wish_tf.errors import InputError

_CHOICE = r"(?:/versions/(\d+)|/labels/([^/:]+))?"
# Something may come first: what a proxy in front of the server asks for.
_REST_PATH = re.compile(rf"(?:/[^:]*)?/v1/models/([^/:]+){_CHOICE}", re.ASCII)
_GRPC_PATH = re.compile(rf"/([^/:]+){_CHOICE}", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_VERSION = 2**63 - 1
_MAX_DIGITS = len(str(_MAX_VERSION))
_HOST = re.compile(r"[^\x00-\x20\x7f]+")
_SAFE = "/%!$&'()*+,;=@~"
_EXPECTED = (
    "expected http://HOST:PORT/v1/models/NAME or grpc://HOST:PORT/NAME, "
    "with /versions/N or /labels/LABEL at the end if wanted"
)


@dataclass(frozen=True)
class ServerAddress:
    """A model on a server.

    Attributes:
        url: As it was given, for messages.
        scheme: `http`, `https`, `grpc` or `grpcs` (with TLS).
        host: Name or address of the machine.
        port: Its port.
        path: Path of the model by REST, percent-encoded.
        model: Name of the model.
        version: The version asked for, if any.
        label: The label of a version asked for, if any.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    model: str
    version: int | None
    label: str | None

    @classmethod
    def parse(cls, url: str) -> ServerAddress:
        """Reads a URL.

        Args:
            url: `http://HOST:PORT/v1/models/NAME` or `grpc://HOST:PORT/NAME`,
                with `/versions/N` or `/labels/LABEL` at the end if wanted.

        Raises:
            InputError: If it is no such URL.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
            found = _match(parts)
            path = quote(parts.path.rstrip("/"), safe=_SAFE)
            host = parts.hostname or ""
            host.encode("idna")
        except (ValueError, TypeError, AttributeError):
            raise InputError(f"{_EXPECTED}; got {url!r}") from None
        if "@" in parts.netloc:
            # Not shown: there may be a password in it.
            raise InputError(f"{_EXPECTED}; got a URL with a user's name in it")
        whole = not parts.query and not parts.fragment and _HOST.fullmatch(host)
        if not (whole and found and port):
            raise InputError(f"{_EXPECTED}; got {url!r}")
        model, version, label = found.groups()
        return cls(
            url,
            parts.scheme,
            host,
            port,
            path,
            unquote(model),
            None if version is None else _version_number(version),
            None if label is None else unquote(label),
        )

    @property
    def is_grpc(self) -> bool:
        """Whether the server is asked by gRPC, not by REST."""
        return self.scheme in ("grpc", "grpcs")

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection uses TLS."""
        return self.scheme in ("https", "grpcs")


def _match(parts: SplitResult) -> re.Match[str] | None:
    path = parts.path.rstrip("/")
    if parts.scheme in ("http", "https"):
        return _REST_PATH.fullmatch(path)
    if parts.scheme in ("grpc", "grpcs"):
        return _GRPC_PATH.fullmatch(path)
    return None


def _version_number(digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    if len(significant) > _MAX_DIGITS or int(significant) > _MAX_VERSION:
        raise InputError(f"expected a version from 0 to {_MAX_VERSION}; got {digits}")
    return int(significant)
