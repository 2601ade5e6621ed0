"""gRPC: `tensorflow.serving.PredictionService`."""

from __future__ import annotations

import contextlib
from typing import Any

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, prediction_service_pb2_grpc

from wish_tf.server.example_signature import refuse_examples
from wish_tf.server.grpc_errors import grpc_errors
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.model_spec import read_model_spec
from wish_tf.server.multi_inference import refuse_multi_inference
from wish_tf.server.predict_message import predict_message
from wish_tf.server.predictor import Predictor
from wish_tf.server.serving_error import invalid_argument

_SIGNATURE_DEF = "signature_def"


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predicts and describes; refuses what needs a classify or regress signature."""

    def __init__(self, manager: ModelManager, predictor: Predictor) -> None:
        """Binds the service to models.

        Args:
            manager: The models.
            predictor: What runs and counts the requests.
        """
        self._manager = manager
        self._predictor = predictor

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Runs a signature on tensors."""
        with (
            grpc_errors(context),
            self._manager.lease(*read_model_spec(request)) as servable,
            self._counted(request, "Predict"),
        ):
            return predict_message(servable, request, self._predictor)

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Describes the signatures of a version."""
        with grpc_errors(context):
            which = read_model_spec(request)
            if not request.metadata_field:
                raise invalid_argument(
                    "GetModelMetadataRequest must specify at least one metadata_field"
                )
            for field in request.metadata_field:
                if field != _SIGNATURE_DEF:
                    raise invalid_argument(f"Metadata field {field} is not supported")
            with (
                self._manager.lease(*which) as servable,
                self._counted(request, "GetModelMetadata"),
            ):
                response = get_model_metadata_pb2.GetModelMetadataResponse()
                response.model_spec.name = request.model_spec.name
                response.model_spec.version.value = servable.version
                signatures = get_model_metadata_pb2.SignatureDefMap()
                for name, signature in servable.signatures.items():
                    signatures.signature_def[name].CopyFrom(signature)
                response.metadata[_SIGNATURE_DEF].Pack(signatures)
                return response

    def Classify(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Says why the signature cannot classify."""
        self._refuse("classify", request, context)

    def Regress(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Says why the signature cannot regress."""
        self._refuse("regress", request, context)

    def MultiInference(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Says why the signatures cannot classify or regress."""
        with grpc_errors(context):
            if not request.tasks:
                raise invalid_argument("ModelSpec has no name specified.")
            first = request.tasks[0]
            with (
                self._manager.lease(*read_model_spec(first)) as servable,
                self._counted(first, "MultiInference"),
            ):
                refuse_multi_inference(servable, request)

    def _refuse(self, method: str, request: Any, context: grpc.ServicerContext) -> None:
        with (
            grpc_errors(context),
            self._manager.lease(*read_model_spec(request)) as servable,
            self._counted(request, method.capitalize()),
        ):
            refuse_examples(servable, method, request.model_spec.signature_name)

    def _counted(
        self, request: Any, api: str
    ) -> contextlib.AbstractContextManager[None]:
        # Within the lease: names of models that are not served are not kept.
        return self._predictor.counted(request.model_spec.name, api, "GRPC")
