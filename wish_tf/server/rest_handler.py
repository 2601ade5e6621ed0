"""Answers REST calls; knows nothing of sockets."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import logging
import re
from concurrent.futures import Executor
from typing import Any
from urllib.parse import unquote_to_bytes

from wish_tf.server.http_message import decoded
from wish_tf.server.json_reader import read_json
from wish_tf.server.json_request import check_examples, decode_predict, signature_name
from wish_tf.server.json_response import (
    encode_predict,
    error_json,
    metadata_json,
    status_json,
)
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

# At worst such a body has thousands of rows, and reading it takes the event loop a few
# milliseconds; longer ones, and answers of more values, are left to threads.
_MOST_BYTES_ON_LOOP = 16 * 2**10
_MOST_VALUES_ON_LOOP = 16 * 2**10
_CHOICE = r"(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?"
_FLAGS = re.IGNORECASE | re.ASCII
_POST = re.compile(rf"/v1/models/([^/:]+){_CHOICE}:(classify|regress|predict)", _FLAGS)
_GET = re.compile(rf"/v1/models(?:/([^/:]+))?{_CHOICE}(?:/(metadata))?", _FLAGS)
_MAX_VERSION = 2**63 - 1
_INT64_DIGITS = len(str(_MAX_VERSION))
_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class RestHandler:
    """The REST API of all models.

    Attributes:
        manager: The models.
        predictor: What runs and counts the requests.
        executor: What runs calls that are not merged, and reads and writes large ones.
    """

    manager: ModelManager
    predictor: Predictor
    executor: Executor

    async def handle(
        self, method: str, path: str, body: bytes = b"", encoding: str = "identity"
    ) -> tuple[int, bytes]:
        """Answers a call for a percent-encoded path; returns status and JSON body."""
        try:
            return 200, await self._answer(method, path, body, encoding)
        except Exception as error:
            return failure(method, path, error)

    async def _answer(
        self, method: str, path: str, body: bytes, encoding: str
    ) -> bytes:
        call = parse_rest_path(method, path)
        which = (call.model, call.version, call.label)
        if call.action == "status":
            return status_json(self.manager.statuses(*which))
        if call.action == "metadata":
            with self.manager.lease(*which) as servable:
                return metadata_json(call.model, servable.version, servable.metadata)
        if not self.manager.has_model(call.model):
            return await self._run(call, body, encoding)
        with self.predictor.counted(call.model, call.action.capitalize(), "REST"):
            return await self._run(call, body, encoding)

    async def _run(self, call: RestPath, body: bytes, encoding: str) -> bytes:
        # The order of the steps decides which of several faults is reported.
        large = len(body) > _MOST_BYTES_ON_LOOP or encoding != "identity"
        read, decode = self._read, decode_predict
        document = await self._do(read, body, encoding) if large else read(body)
        signature = signature_name(document)
        if call.action != "predict":
            check_examples(document)
        with self.manager.lease(call.model, call.version, call.label) as servable:
            if call.action != "predict":
                raise invalid_argument(
                    "expected a call to predict, which is all that this server runs; "
                    f"got {call.action}"
                )
            name = signature or DEFAULT_SIGNATURE
            dtypes = servable.input_dtypes(name)
            inputs, row_format = (
                await self._do(decode, document, dtypes)
                if large
                else decode(document, dtypes)
            )
            outputs = await self.predictor.run_in_loop(
                servable, call.model, name, inputs, self.executor
            )
        if sum([array.size for array in outputs.values()]) > _MOST_VALUES_ON_LOOP:
            return await self._do(encode_predict, outputs, row_format)
        return encode_predict(outputs, row_format)

    async def _do(self, work: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, work, *arguments)

    def _read(self, body: bytes, encoding: str = "identity") -> Any:
        limits = self.predictor.limits
        body = decoded(body, encoding, limits.max_inflated_bytes)
        limits.check_json(body)
        return read_json(body)


def failure(method: str, path: str, error: Exception) -> tuple[int, bytes]:
    """Returns status and JSON body that say what went wrong; logs what should not."""
    if isinstance(error, ServingError):
        return error.code.http_status, error_json(error.message)
    _logger.error("%s %s failed", method, path, exc_info=error)
    return StatusCode.INTERNAL.http_status, error_json("Internal error")


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
