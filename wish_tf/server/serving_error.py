"""The exception that becomes an error response."""

from __future__ import annotations

from wish_tf.server.http_status import StatusCode


class ServingError(Exception):
    """A request that cannot be answered.

    Attributes:
        code: Canonical status code; it decides the HTTP status.
        message: Text of the `error` key of the response.
    """

    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def invalid_argument(message: str) -> ServingError:
    """Shorthand for the code nearly every bad request gets."""
    return ServingError(StatusCode.INVALID_ARGUMENT, message)
