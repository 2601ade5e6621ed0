"""One request, and what TF-Serving answers to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

MODEL = "/v1/models/conformance"
PREDICT = f"{MODEL}:predict"


@dataclasses.dataclass(frozen=True)
class Case:
    """A request with its expected response.

    Attributes:
        what: What the case is about, unique.
        status: HTTP status expected.
        body: Request body.
        path: Path of the request, percent-encoded.
        method: HTTP method.
        headers: Headers of the request.
        answer: JSON expected, if the status is 200.
        text: Raw body expected, if the layout matters.
        error: Exact text of `error` expected.
        error_start: How the text of `error` begins, if the rest is the op's or a
            dump.
        guess: The contract is not sure of the text: a real server is asked for
            the status only.
    """

    what: str
    status: int
    body: str | bytes = b""
    path: str = PREDICT
    method: str = "POST"
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    answer: object = None
    text: str | None = None
    error: str | None = None
    error_start: str | None = None
    guess: bool = False


def ok(what: str, body: str | bytes, answer: object, **more: object) -> Case:
    """A predict call that succeeds."""
    return Case(what, 200, body, answer=answer, **more)


def bad(what: str, body: str | bytes, error: str, **more: object) -> Case:
    """A predict call that gets 400 and exactly this error."""
    return Case(what, 400, body, error=error, **more)


def got(what: str, path: str, **more: object) -> Case:
    """A GET that succeeds unless `more` says otherwise."""
    return Case(what, path=path, method="GET", **({"status": 200} | more))
