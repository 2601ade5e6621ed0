"""What the method and the path of a REST call ask for."""

from __future__ import annotations

import dataclasses
import functools
import re
from urllib.parse import unquote_to_bytes

from wish_tf.server.serving_error import invalid_argument

_CHOICE = r"(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?"
_FLAGS = re.IGNORECASE | re.ASCII
_POST = re.compile(
    rf"/v1/models/([^/:]+){_CHOICE}:(classify|regress|predict)",
    _FLAGS,
)
_GET = re.compile(rf"/v1/models(?:/([^/:]+))?{_CHOICE}(?:/(metadata))?", _FLAGS)
_MAX_VERSION = 2**63 - 1
_INT64_DIGITS = len(str(_MAX_VERSION))


@dataclasses.dataclass(frozen=True)
class RestPath:
    """A REST call: `predict`, `classify`, `regress`, `status` or `metadata` of a model.

    Names are percent-decoded.
    """

    action: str
    model: str
    version: int | None = None
    label: str | None = None


@functools.lru_cache(maxsize=256)
def parse_rest_path(method: str, path: str) -> RestPath:
    """Understands a REST call.

    The patterns ignore case, but the word after the colon is only acted on in
    lower case and `/metadata` in any other case means status: both as in
    TF-Serving, which compares the captured word exactly.

    Raises:
        ServingError: INVALID_ARGUMENT if the call is not one of the API.
    """
    pattern = {"POST": _POST, "GET": _GET}.get(method)
    match = pattern.fullmatch(path) if pattern else None
    model, version, label, word = match.groups() if match else [""] * 4
    if match is None or (method == "POST" and word != word.lower()):
        raise invalid_argument(f"Malformed request: {method} {path}")
    if method == "GET" and word != "metadata":
        word = "status"
    if model is None:
        raise invalid_argument("Missing model name in request.")
    return RestPath(
        word,
        _decode(model),
        None if version is None else _number(version),
        None if label is None else _decode(label),
    )


def _number(digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    if len(significant) > _INT64_DIGITS or int(significant) > _MAX_VERSION:
        raise invalid_argument(f"Failed to convert version: {digits} to numeric.")
    return int(significant)


def _decode(text: str) -> str:
    raw = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")
