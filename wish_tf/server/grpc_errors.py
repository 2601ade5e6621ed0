"""Faults of gRPC calls."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import grpc

from wish_tf.errors import InputError
from wish_tf.server.http_status import StatusCode
from wish_tf.server.serving_error import ServingError

# As TF-Serving: the message travels in a header, and these are short.
_MAX_MESSAGE = 1024
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_logger = logging.getLogger(__name__)


@contextlib.contextmanager
def grpc_errors(context: grpc.ServicerContext) -> Iterator[None]:
    """Ends the call with the code and the message of a fault within the context.

    Args:
        context: Of the call.
    """
    try:
        yield
    except ServingError as error:
        _abort(context, error.code, error.message)
    except InputError as error:
        _abort(context, StatusCode.INVALID_ARGUMENT, str(error))
    except Exception:
        _logger.exception("A gRPC call failed")
        _abort(context, StatusCode.INTERNAL, "Internal error")


def _abort(context: grpc.ServicerContext, code: StatusCode, message: str) -> None:
    if len(message) > _MAX_MESSAGE:
        message = message[:_MAX_MESSAGE] + "...TRUNCATED"
    # Names from requests may hold bytes that are not UTF-8.
    sendable = message.encode("utf-8", "replace").decode()
    context.abort(_CODES[code.value], sendable)
