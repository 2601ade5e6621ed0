"""What can go wrong between a client and a server."""

from __future__ import annotations

TRANSIENT = frozenset({429, 503, 504})


class ServerError(Exception):
    """A request got no answer that can be used.

    Attributes:
        status: HTTP status of the answer; over gRPC the status that TF-Serving
            gives the code by REST. None when there was no answer.
        transient: Whether the same request may succeed a little later.
        retry_after: How long the server asked to be left alone, seconds.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        transient: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        # Messages of TF-Serving hold indented JSON; an error is one line.
        super().__init__(" ".join(message.split()))
        self.status = status
        self.transient = transient
        self.retry_after = retry_after


class InvalidRequest(ServerError):
    """The server refuses the request, and would refuse it again (4xx)."""


class ModelNotFound(ServerError):
    """The server has no such model or version (404)."""


class ServerUnavailable(ServerError):
    """The server cannot be reached, or has too much to do (429, 503)."""


class RequestTimeout(ServerError):
    """There was no whole answer in time (504, or the client's own limit)."""


_KINDS = {
    404: ModelNotFound,
    429: ServerUnavailable,
    503: ServerUnavailable,
    504: RequestTimeout,
}
_CANCELLED = 499


def error_for_status(
    status: int, message: str, retry_after: float = 0.0
) -> ServerError:
    """Returns the error for an answer whose status is not 200.

    Args:
        status: HTTP status.
        message: Who answered what.
        retry_after: Seconds that the server wants to be left alone for.
    """
    refused = InvalidRequest if 400 <= status < _CANCELLED else ServerError
    return _KINDS.get(status, refused)(
        message,
        status,
        transient=status in TRANSIENT,
        retry_after=retry_after,
    )
