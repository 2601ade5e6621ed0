"""Answers REST calls; knows nothing of sockets."""

from __future__ import annotations

import contextlib
import logging

from wish_tf.server.example_signature import refuse_examples
from wish_tf.server.examples_request import check_examples
from wish_tf.server.http_status import StatusCode
from wish_tf.server.json_reader import read_json
from wish_tf.server.model_json import error_json, metadata_json, status_json
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.plain_predict import PlainPredict
from wish_tf.server.predict_request import decode_predict, signature_name
from wish_tf.server.predict_response import encode_predict
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_path import RestPath, parse_rest_path
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError

_logger = logging.getLogger(__name__)


class RestHandler:
    """The REST API of all models."""

    def __init__(self, manager: ModelManager, predictor: Predictor) -> None:
        """Binds the API to models.

        Args:
            manager: The models.
            predictor: What runs and counts the requests.
        """
        self._manager = manager
        self._predictor = predictor
        self._plain = PlainPredict(manager, predictor)

    async def handle_plain(
        self, method: str, path: str, body: bytes
    ) -> tuple[int, bytes] | None:
        """Answers a small call on the event loop, if it can be.

        Args:
            method: As of `handle`.
            path: As of `handle`.
            body: As of `handle`; small.

        Returns:
            As of `handle`; None if the call is for `handle`.
        """
        try:
            answer = await self._plain.answer(method, path, body)
        except Exception as error:
            return failure(method, path, error)
        return None if answer is None else (StatusCode.OK.http_status, answer)

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answers a call; blocks while the model runs.

        Args:
            method: HTTP method.
            path: Path of the request target, percent-encoded, no query.
            body: Request body, not compressed.

        Returns:
            HTTP status and JSON body.
        """
        try:
            return StatusCode.OK.http_status, self._answer(method, path, body)
        except Exception as error:
            return failure(method, path, error)

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        call = parse_rest_path(method, path)
        which = (call.model, call.version, call.label)
        if call.action == "status":
            return status_json(self._manager.statuses(*which))
        if call.action == "metadata":
            with self._manager.lease(*which) as servable:
                return metadata_json(call.model, servable.version, servable.signatures)
        counted: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if self._manager.has_model(call.model):
            api = call.action.capitalize()
            counted = self._predictor.counted(call.model, api, "REST")
        with counted:
            return self._run(call, body)

    def _run(self, call: RestPath, body: bytes) -> bytes:
        # The order of the steps decides which of several faults is reported.
        self._predictor.limits.check_json(body)
        document = read_json(body, self._predictor.limits.max_json_depth)
        signature = signature_name(document)
        if call.action != "predict":
            check_examples(document)
        with self._manager.lease(call.model, call.version, call.label) as servable:
            if call.action != "predict":
                refuse_examples(servable, call.action, signature)
            name = signature or DEFAULT_SIGNATURE
            request = decode_predict(document, servable.input_dtypes(name))
            outputs = self._predictor.run(servable, call.model, name, request.inputs)
        return encode_predict(outputs, request.row_format)


def failure(method: str, path: str, error: Exception) -> tuple[int, bytes]:
    """HTTP status and JSON body that say what went wrong; logs what should not.

    Args:
        method: HTTP method of the call.
        path: Its path.
        error: What it raised.
    """
    if isinstance(error, ServingError):
        return error.code.http_status, error_json(error.message)
    _logger.error("%s %s failed", method, path, exc_info=error)
    return StatusCode.INTERNAL.http_status, error_json("Internal error")
