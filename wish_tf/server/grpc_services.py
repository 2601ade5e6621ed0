"""gRPC: `tensorflow.serving.PredictionService` and `ModelService`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import Any, NoReturn, TypeAlias

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
from wish_tf.server.rest_handler import refuse_examples
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

# As TF-Serving: the message travels in a header, and these are short.
_MAX_MESSAGE = 1024
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_SIGNATURE_DEF = "signature_def"
# Larger requests are read, and their answers written, by a thread.
_MOST_BYTES_ON_LOOP = 16 * 2**10
_Context: TypeAlias = "grpc.aio.ServicerContext"
_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predicts and describes; refuses what needs a classify or regress signature.

    A call that its client gives up, or whose deadline is over, is cancelled: what has
    not begun is not run, and no thread waits for the rest.

    Attributes:
        manager: The models.
        predictor: What runs and counts the requests.
        executor: What runs calls that are not merged, and reads large ones.
    """

    manager: ModelManager
    predictor: Predictor
    executor: Executor

    async def Predict(self, request: Any, context: _Context) -> Any:
        """Runs a signature on tensors."""
        async with _faults(context):
            with (
                self.manager.lease(*_read_spec(request)) as servable,
                # Within the lease: names of models that are not served are not kept.
                self.predictor.counted(request.model_spec.name, "Predict", "GRPC"),
            ):
                is_large = request.ByteSize() > _MOST_BYTES_ON_LOOP

                async def do(work: Any, *arguments: Any) -> Any:
                    if not is_large:
                        return work(*arguments)
                    return await asyncio.get_running_loop().run_in_executor(
                        self.executor, work, *arguments
                    )

                most = self.predictor.limits.max_inflated_bytes
                name, inputs = await do(read_predict, servable, request, most)
                model = request.model_spec.name
                outputs = await self.predictor.run_in_loop(
                    servable, model, name, inputs, self.executor
                )
                return await do(write_predict, servable, request, name, outputs)

    async def GetModelMetadata(self, request: Any, context: _Context) -> Any:
        """Describes the signatures of a version."""
        async with _faults(context):
            which = _read_spec(request)
            if not request.metadata_field or set(request.metadata_field) != {
                _SIGNATURE_DEF
            }:
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

    async def Classify(self, request: Any, context: _Context) -> NoReturn:
        """Says why the signature cannot classify."""
        await self._refuse("classify", request, context)

    async def Regress(self, request: Any, context: _Context) -> NoReturn:
        """Says why the signature cannot regress."""
        await self._refuse("regress", request, context)

    async def MultiInference(self, request: Any, context: _Context) -> NoReturn:
        """Says why the signature of the first task cannot classify or regress."""
        async with _faults(context):
            if not request.tasks:
                raise invalid_argument("expected one or more tasks; got none")
        task = request.tasks[0]
        method = task.method_name.rpartition("/")[2]
        await self._refuse(method, task, context)

    async def _refuse(self, method: str, request: Any, context: _Context) -> NoReturn:
        async with _faults(context):
            with (
                self.manager.lease(*_read_spec(request)) as servable,
                self.predictor.counted(
                    request.model_spec.name, method.capitalize(), "GRPC"
                ),
            ):
                refuse_examples(servable, method, request.model_spec.signature_name)


@dataclasses.dataclass(frozen=True)
class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """Reports on the models and changes which are served.

    Attributes:
        manager: The models.
    """

    manager: ModelManager

    async def GetModelStatus(self, request: Any, context: _Context) -> Any:
        """States of the versions of a model."""
        async with _faults(context):
            response = get_model_status_pb2.GetModelStatusResponse()
            for status in self.manager.statuses(*_read_spec(request)):
                entry = response.model_version_status.add()
                entry.version = status.version
                entry.state = status.state.value
                entry.status.error_code = status.error_code.value
                entry.status.error_message = status.error_message
            return response

    async def HandleReloadConfigRequest(self, request: Any, context: _Context) -> Any:
        """Changes the models; answers when the change is done."""
        async with _faults(context):
            if request.config.WhichOneof("config") != "model_config_list":
                raise invalid_argument("expected a model_config_list; got none")
            configs = model_configs(request.config.model_config_list.config)
            # Not in the threads for models: it may take long, and others wait for it.
            await asyncio.to_thread(self.manager.configure, configs)
            return model_management_pb2.ReloadConfigResponse()


def _read_spec(request: Any) -> tuple[str, int | None, str | None]:
    """Returns model name, version number if any and version label if any."""
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec = request.model_spec
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )


@contextlib.asynccontextmanager
async def _faults(context: _Context) -> AsyncIterator[None]:
    """Ends the call with the code and the message of a fault within the context."""
    try:
        yield
    except ServingError as error:
        fault = error
    except InputError as error:
        fault = invalid_argument(str(error))
    except (asyncio.CancelledError, grpc.aio.AbortError):
        raise
    except Exception:
        _logger.exception("A gRPC call failed")
        fault = ServingError(StatusCode.INTERNAL, "Internal error")
    else:
        return
    message = fault.message
    if len(message) > _MAX_MESSAGE:
        message = message[:_MAX_MESSAGE] + "...TRUNCATED"
    # Names from requests may hold bytes that are not UTF-8.
    sendable = message.encode("utf-8", "replace").decode()
    await context.abort(_CODES[fault.code.value], sendable)
