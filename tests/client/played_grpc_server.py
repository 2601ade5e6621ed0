"""A gRPC server that answers as TF-Serving does, and fails when it is told to."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tests.client.toy_model import BITS, toy_hash, toy_search, toy_topics

_Predictions = prediction_service_pb2_grpc.PredictionServiceServicer
_Models = model_service_pb2_grpc.ModelServiceServicer


class PlayedGrpcServer(_Predictions, _Models):
    """A server on a free port of this machine.

    Args:
        certificate: In PEM, for TLS, with `key`.
        key: The certificate's key.

    Attributes:
        faults: Codes that the next requests fail with.
        requests: The messages that came.
        headers: The metadata of each request.
        pause: How long an answer takes, seconds.
        outputs: Tensors that replace those of the model in predict answers.
    """

    def __init__(
        self, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        self.faults: deque[grpc.StatusCode] = deque()
        self.requests: list = []
        self.headers: list[dict[str, str]] = []
        self.pause = 0.0
        self.outputs: dict[str, tensor_pb2.TensorProto] = {}
        self._server = grpc.server(ThreadPoolExecutor(8))
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            self, self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(self, self._server)
        if certificate is None:
            port, scheme = self._server.add_insecure_port("127.0.0.1:0"), "grpc"
        else:
            pair = (key.read_bytes(), certificate.read_bytes())
            credentials = grpc.ssl_server_credentials([pair])
            port = self._server.add_secure_port("127.0.0.1:0", credentials)
            scheme = "grpcs"
        self.url = f"{scheme}://localhost:{port}/half%20plus"
        self._server.start()

    def close(self) -> None:
        """Stops at once."""
        self._server.stop(None).wait()

    def Predict(self, request, context):
        """Answers `hash`, `topics` and `search`."""
        self._receive(request, context)
        if request.model_spec.signature_name == "topics":
            (k,) = tf.make_ndarray(request.inputs["k"]).tolist()
            outputs = toy_topics(k)
        else:
            encoded = tf.make_ndarray(request.inputs["text"]).tolist()
            texts = [text.decode() for text in encoded]
            if request.model_spec.signature_name == "search":
                outputs = toy_search(
                    texts, tf.make_ndarray(request.inputs["k"]).tolist()
                )
            else:
                outputs = toy_hash(texts)
        tensors = {name: tf.make_tensor_proto(o) for name, o in outputs.items()}
        return predict_pb2.PredictResponse(outputs=tensors | self.outputs)

    def GetModelMetadata(self, request, context):
        """Answers with the signature `hash`."""
        self._receive(request, context)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        shape = tf.TensorShape([None, BITS]).as_proto()
        signatures.signature_def["hash"].outputs["probabilities"].CopyFrom(
            meta_graph_pb2.TensorInfo(
                name="p:0", dtype=tf.float32.as_datatype_enum, tensor_shape=shape
            )
        )
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = 12
        for field in request.metadata_field:
            response.metadata[field].Pack(signatures)
        return response

    def GetModelStatus(self, request, context):
        """Answers with one version that is there and one that failed."""
        self._receive(request, context)
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=12, state="AVAILABLE")
        failed = response.model_version_status.add(version=13, state="END")
        failed.status.error_code = grpc.StatusCode.NOT_FOUND.value[0]
        failed.status.error_message = "no such file"
        return response

    def _receive(self, request, context) -> None:
        self.requests.append(request)
        self.headers.append(dict(context.invocation_metadata()))
        time.sleep(self.pause)
        if self.faults:
            context.abort(self.faults.popleft(), "as it was told")
