from __future__ import annotations

import base64
import http.client
import json
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from wish_tf.client.certificates import ssl_context
from wish_tf.client.errors import (
    RequestTimeout,
    ServerError,
    ServerUnavailable,
    error_for_status,
)
from wish_tf.client.kept_connections import BROKEN, KeptConnections
from wish_tf.client.server_address import ServerAddress

_BYTES_SUFFIX = "_bytes"


class RestTransport:
    """Asks by REST; see `Transport`. Connections are kept and used again.

    Args:
        address: An address with the scheme `http` or `https`.
        timeout: Longest a request may take, seconds.
        token: For `Authorization: Bearer`, if any.
        ca_file: Certificates to trust instead of the system's, in PEM.

    Raises:
        InputError: If the certificates cannot be read.
    """

    def __init__(
        self,
        address: ServerAddress,
        timeout: float,
        token: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._headers = {"Accept": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        context = ssl_context(ca_file) if address.is_encrypted else None
        self._connections = KeptConnections(
            address.host, address.port, timeout, context
        )

    def predict(
        self, signature: str, **inputs: Sequence[str] | Sequence[int]
    ) -> dict[str, list[Any]]:
        """Runs a signature, in row format."""
        rows = list(zip(*inputs.values(), strict=True))
        # A single input needs no name, and most requests have many rows.
        instances = (
            [value for (value,) in rows]
            if len(inputs) == 1
            else [dict(zip(inputs, row, strict=True)) for row in rows]
        )
        request = {"signature_name": signature, "instances": instances}
        body = json.dumps(request, ensure_ascii=False).encode("utf-8")
        answer = self._ask("POST", ":predict", body)
        try:
            rows = answer["predictions"]
            return {name: _column(rows, name) for name in rows[0]}
        except (KeyError, TypeError, ValueError, IndexError):
            raise ServerError(
                f"expected predictions of {self._address.url}, each with the same "
                f"named outputs; the server sent {str(answer)[:100]!r}",
                200,
            ) from None

    def status(self) -> Any:
        """Returns the state of the model's versions."""
        return self._ask("GET", "")

    def metadata(self) -> Any:
        """Returns the model's signatures."""
        return self._ask("GET", "/metadata")

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._connections.close()

    def _ask(self, method: str, suffix: str, body: bytes | None = None) -> Any:
        """Returns the JSON of one answer."""
        url = self._address.url
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response, content = self._connections.exchange(
                method, self._address.path + suffix, headers, body
            )
        except TimeoutError as error:
            raise RequestTimeout(
                f"{url} gave no whole answer within {self._timeout:g} s",
                transient=True,
            ) from error
        except (*BROKEN, http.client.IncompleteRead) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerUnavailable(
                f"{url} is not to be reached: {reason}", transient=True
            ) from error
        except OSError as error:
            # A name without an address, a certificate that is not trusted.
            raise ServerUnavailable(
                f"{url} is not to be reached: {error.strerror or error}"
            ) from error
        except http.client.HTTPException as error:
            raise ServerError(f"{url} does not answer in HTTP: {error!r}") from error
        if response.status != http.HTTPStatus.OK:
            text = _error_text(content) or response.reason
            raise error_for_status(
                response.status,
                f"{url} answered {response.status}: {text}",
                _retry_after(response.headers.get("Retry-After")),
            )
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ServerError(
                f"expected JSON from {url}; it does not parse: {error}", 200
            ) from error


def _column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    values = [row[name] for row in rows]
    if name.endswith(_BYTES_SUFFIX):
        return [base64.b64decode(value["b64"], validate=True) for value in values]
    return values


def _error_text(content: bytes) -> str | None:
    """What an answer says about its error; None if it is not TF-Serving's JSON."""
    try:
        message = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return message if isinstance(message, str) else None


def _retry_after(header: str | None) -> float:
    """Seconds that a header asks for: a number or a date; 0 if neither."""
    if header is None:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - datetime.now(timezone.utc)).total_seconds())
