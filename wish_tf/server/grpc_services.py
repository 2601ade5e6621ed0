"""gRPC: `tensorflow.serving.PredictionService` and `ModelService`."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, TypeAlias

import grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

from wish_tf.errors import InputError
from wish_tf.server.model_config import model_configs
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predict_message import read_predict, write_predict
from wish_tf.server.predictor import Predictor
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

# As TF-Serving: the message travels in a header, and these are short.
_MAX_MESSAGE = 1024
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_SIGNATURE_DEF = "signature_def"
# Larger requests are read, and their answers written, by a thread.
_MOST_BYTES_ON_LOOP = 16 * 2**10
_Context: TypeAlias = "grpc.aio.ServicerContext"
_Method = Callable[[Any, Any, _Context], Awaitable[Any]]
_logger = logging.getLogger(__name__)


def _answering(work: _Method) -> _Method:
    """Ends a call with the code and the message of what it raises."""

    @functools.wraps(work)
    async def answer(service: Any, request: Any, context: _Context) -> Any:
        try:
            return await work(service, request, context)
        except ServingError as error:
            code, message = error.code, error.message
        except InputError as error:
            code, message = StatusCode.INVALID_ARGUMENT, str(error)
        except Exception:
            _logger.exception("A gRPC call failed")
            code, message = StatusCode.INTERNAL, "Internal error"
        if len(message) > _MAX_MESSAGE:
            message = message[:_MAX_MESSAGE] + "...TRUNCATED"
        # Names from requests may hold bytes that are not UTF-8.
        sendable = message.encode("utf-8", "replace").decode()
        await context.abort(_CODES[code.value], sendable)

    return answer


@dataclasses.dataclass(frozen=True)
class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predicts and describes; refuses what needs a classify or regress signature.

    A call that its client gives up, or whose deadline is over, is cancelled: what has
    not begun is not run, and a run has no more time than about twice what the client
    gives it.

    Attributes:
        manager: The models.
        predictor: What runs and counts the requests.
        executor: What runs calls that are not merged, and reads large ones.
    """

    manager: ModelManager
    predictor: Predictor
    executor: Executor

    @_answering
    async def Predict(self, request: Any, context: _Context) -> Any:
        """Runs a signature on tensors."""
        model, most = request.model_spec.name, self.predictor.limits.max_inflated_bytes
        is_large = request.ByteSize() > _MOST_BYTES_ON_LOOP
        with (
            self.manager.lease(*_read_spec(request)) as servable,
            # Within the lease: names of models that are not served are not kept.
            self.predictor.counted(model, "Predict", "GRPC"),
        ):
            name, inputs = await self._do(
                is_large, read_predict, servable, request, most
            )
            seconds = context.time_remaining()
            outputs = await self.predictor.run_in_loop(
                servable, model, name, inputs, self.executor, seconds
            )
            return await self._do(
                is_large, write_predict, servable, request, name, outputs
            )

    async def _do(self, is_large: bool, work: Any, *arguments: Any) -> Any:
        if not is_large:
            return work(*arguments)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, work, *arguments)

    @_answering
    async def GetModelMetadata(self, request: Any, context: _Context) -> Any:
        """Describes the signatures of a version."""
        which = _read_spec(request)
        if set(request.metadata_field) != {_SIGNATURE_DEF}:
            raise invalid_argument(
                f"expected the metadata_field {_SIGNATURE_DEF}; got "
                f"{', '.join(request.metadata_field) or 'none'}"
            )
        with (
            self.manager.lease(*which) as servable,
            self.predictor.counted(which[0], "GetModelMetadata", "GRPC"),
        ):
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            response.model_spec.name = request.model_spec.name
            response.model_spec.version.value = servable.version
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in servable.signatures.items():
                signatures.signature_def[name].CopyFrom(signature)
            response.metadata[_SIGNATURE_DEF].Pack(signatures)
            return response

    @_answering
    async def Classify(self, request: Any, context: _Context) -> Any:
        """Says that there is only Predict."""
        text = "expected Predict, which is all that this server runs; got another call"
        raise ServingError(StatusCode.UNIMPLEMENTED, text)

    Regress = MultiInference = Classify


@dataclasses.dataclass(frozen=True)
class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """Reports on the models and changes which are served.

    Attributes:
        manager: The models.
    """

    manager: ModelManager

    @_answering
    async def GetModelStatus(self, request: Any, context: _Context) -> Any:
        """States of the versions of a model."""
        response = get_model_status_pb2.GetModelStatusResponse()
        for status in self.manager.statuses(*_read_spec(request)):
            entry = response.model_version_status.add()
            entry.version = status.version
            entry.state = status.state.value
            entry.status.error_code = status.error_code.value
            entry.status.error_message = status.error_message
        return response

    @_answering
    async def HandleReloadConfigRequest(self, request: Any, context: _Context) -> Any:
        """Changes the models; answers when the change is done."""
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument("expected a model_config_list; got none")
        configs = model_configs(request.config.model_config_list.config)
        # Not in the threads for models: it may take long, and others wait for it.
        await asyncio.to_thread(self.manager.configure, configs)
        return model_management_pb2.ReloadConfigResponse()


def _read_spec(request: Any) -> tuple[str, int | None, str | None]:
    """Returns model name, version number if any and version label if any."""
    if not request.HasField("model_spec"):
        raise invalid_argument("expected a model_spec; got none")
    spec = request.model_spec
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )
