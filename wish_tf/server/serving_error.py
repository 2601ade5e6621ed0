"""Canonical status codes, and the exception that becomes an error response."""

from __future__ import annotations

import enum


class StatusCode(enum.IntEnum):
    """The canonical (gRPC) codes, numbered as `tf.errors.OpError.error_code`.

    Attributes:
        http_status: HTTP status of a response that ends with this code.
    """

    http_status: int

    def __new__(cls, number: int, http_status: int) -> StatusCode:
        code = int.__new__(cls, number)
        code._value_ = number
        code.http_status = http_status
        return code

    OK = 0, 200
    CANCELLED = 1, 499
    UNKNOWN = 2, 500
    INVALID_ARGUMENT = 3, 400
    DEADLINE_EXCEEDED = 4, 504
    NOT_FOUND = 5, 404
    ALREADY_EXISTS = 6, 409
    PERMISSION_DENIED = 7, 403
    RESOURCE_EXHAUSTED = 8, 429
    FAILED_PRECONDITION = 9, 400
    ABORTED = 10, 409
    OUT_OF_RANGE = 11, 400
    UNIMPLEMENTED = 12, 501
    INTERNAL = 13, 500
    UNAVAILABLE = 14, 503
    DATA_LOSS = 15, 500
    UNAUTHENTICATED = 16, 401


CODES = list(StatusCode)  # by number


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
    """Returns an error of the code that nearly every bad request gets."""
    return ServingError(StatusCode.INVALID_ARGUMENT, message)
