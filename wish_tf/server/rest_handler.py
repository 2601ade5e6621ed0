"""Answers REST calls for one model; knows nothing of sockets."""

from __future__ import annotations

import logging

from wish_tf.server.http_status import StatusCode
from wish_tf.server.json_reader import read_json
from wish_tf.server.model_json import error_json, metadata_json, status_json
from wish_tf.server.predict_request import decode_predict, signature_name
from wish_tf.server.predict_response import encode_predict
from wish_tf.server.rest_path import RestPath, parse_rest_path
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError, invalid_argument

_DEFAULT_SIGNATURE = "serving_default"
_logger = logging.getLogger(__name__)


class RestHandler:
    """The REST API of a model with one version loaded."""

    def __init__(self, name: str, servable: Servable) -> None:
        """Binds a name to a loaded version.

        Args:
            name: Name of the model in URLs.
            servable: The version to serve.
        """
        self._name = name
        self._servable = servable

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answers a call; blocks while the model runs.

        Args:
            method: HTTP method.
            path: Path of the request target, percent-encoded, no query.
            body: Request body.

        Returns:
            HTTP status and JSON body.
        """
        try:
            return StatusCode.OK.http_status, self._answer(method, path, body)
        except ServingError as error:
            return error.code.http_status, error_json(error.message)
        except RecursionError:
            # Values can be read at a depth at which they can no longer be walked.
            return StatusCode.INVALID_ARGUMENT.http_status, error_json(
                "JSON Parse error: Nested too deeply."
            )
        except Exception:
            _logger.exception("%s %s failed", method, path)
            return StatusCode.INTERNAL.http_status, error_json("Internal error")

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        call = parse_rest_path(method, path)
        if call.action == "predict":
            return self._predict(call, body)
        if call.action == "status":
            return self._status(call)
        if call.action == "metadata":
            servable = self._find(call)
            return metadata_json(self._name, servable.version, servable.signatures)
        raise ServingError(
            StatusCode.UNIMPLEMENTED,
            f"This server answers predict, status and metadata, not {call.action}",
        )

    def _predict(self, call: RestPath, body: bytes) -> bytes:
        # The order of the steps decides which of several faults is reported.
        document = read_json(body)
        signature = signature_name(document) or _DEFAULT_SIGNATURE
        servable = self._find(call)
        request = decode_predict(document, servable.input_dtypes(signature))
        outputs = servable.predict(signature, request.inputs)
        return encode_predict(outputs, request.row_format)

    def _status(self, call: RestPath) -> bytes:
        self._refuse_label(call)
        if call.version is not None and not self._is_served(call):
            raise ServingError(
                StatusCode.NOT_FOUND,
                f"Could not find version {call.version} of model {call.model}",
            )
        if not self._is_served(call):
            raise ServingError(
                StatusCode.NOT_FOUND,
                f"Could not find any versions of model {call.model}",
            )
        return status_json(self._servable.version)

    def _find(self, call: RestPath) -> Servable:
        self._refuse_label(call)
        if not self._is_served(call):
            wanted = (
                f"Latest({call.model})"
                if call.version is None
                else f"Specific({call.model}, {call.version})"
            )
            raise ServingError(
                StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}"
            )
        return self._servable

    def _is_served(self, call: RestPath) -> bool:
        return call.model == self._name and call.version in (
            None,
            self._servable.version,
        )

    @staticmethod
    def _refuse_label(call: RestPath) -> None:
        """No label is configured, so none is known."""
        if call.label is not None:
            raise invalid_argument(f"Unrecognized servable version label: {call.label}")
