from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from wish_tf.client.certificates import ssl_context
from wish_tf.client.errors import ServerError, error_for_status
from wish_tf.client.server_address import ServerAddress
from wish_tf.server.serving_error import StatusCode

_DTYPES = {"text": tf.string, "k": tf.int32}
_BYTES_SUFFIX = "_bytes"
_OPTIONS = (
    # gRPC's own limit of 4 MB holds for answers; TF-Serving has none.
    ("grpc.max_receive_message_length", -1),
    # Else a channel fails at once for a second after a refused connection.
    ("grpc.initial_reconnect_backoff_ms", 100),
)


class GrpcTransport:
    """Asks by gRPC; see `Transport`.

    Args:
        address: An address with the scheme `grpc` or `grpcs`.
        timeout: Longest a request may take, seconds.
        token: For `authorization: Bearer`, if any.
        ca_file: Certificates to trust instead of gRPC's own list, in PEM.

    Raises:
        InputError: If the certificates cannot be read.
    """

    def __init__(
        self,
        address: ServerAddress,
        timeout: float,
        token: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._headers = [("authorization", f"Bearer {token}")] if token else None
        self._channel = _channel(address, ca_file)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(
            self._channel
        )

    def predict(
        self, signature: str, **inputs: Sequence[str] | Sequence[int]
    ) -> dict[str, np.ndarray | list[Any]]:
        """Runs a signature."""
        request = predict_pb2.PredictRequest(
            model_spec=self._model_spec(signature),
            inputs={
                name: tf.make_tensor_proto(list(values), _DTYPES[name])
                for name, values in inputs.items()
            },
        )
        outputs = self._ask(self._predictions.Predict, request).outputs
        try:
            return {name: _values(name, outputs[name]) for name in outputs}
        except (ValueError, TypeError) as error:
            raise ServerError(
                f"expected tensors from {self._address.url}; they cannot be read: "
                f"{error}",
                200,
            ) from error

    def status(self) -> dict[str, Any]:
        """Returns the state of the model's versions."""
        request = get_model_status_pb2.GetModelStatusRequest(
            model_spec=self._model_spec()
        )
        return _to_json(self._ask(self._models.GetModelStatus, request))

    def metadata(self) -> dict[str, Any]:
        """Returns the model's signatures."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._model_spec(), metadata_field=["signature_def"]
        )
        answer = self._ask(self._predictions.GetModelMetadata, request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        found = answer.metadata.get("signature_def")
        if found is None or not found.Unpack(signatures):
            raise ServerError(
                f"expected the signatures of {self._address.url}; the server sent none",
                200,
            )
        return {
            "model_spec": _to_json(answer.model_spec),
            "metadata": {"signature_def": _to_json(signatures)},
        }

    def close(self) -> None:
        """Closes the channel; what is still being asked fails."""
        self._channel.close()

    def _model_spec(self, signature: str = "") -> model_pb2.ModelSpec:
        spec = model_pb2.ModelSpec(name=self._address.model, signature_name=signature)
        if self._address.version is not None:
            spec.version.value = self._address.version
        elif self._address.label is not None:
            spec.version_label = self._address.label
        return spec

    def _ask(self, method: grpc.UnaryUnaryMultiCallable, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout, metadata=self._headers)
        except grpc.RpcError as error:
            code = error.code().name
            raise error_for_status(
                StatusCode[code].http_status,
                f"{self._address.url} gave {code}: {error.details()}",
            ) from error


def _channel(
    address: ServerAddress, ca_file: str | os.PathLike[str] | None
) -> grpc.Channel:
    host = f"[{address.host}]" if ":" in address.host else address.host
    target = f"{host}:{address.port}"
    if not address.is_encrypted:
        return grpc.insecure_channel(target, _OPTIONS)
    certificates = None
    if ca_file is not None:
        ssl_context(ca_file)  # gRPC itself does not say what is wrong with a file
        certificates = Path(ca_file).read_bytes()
    credentials = grpc.ssl_channel_credentials(certificates)
    return grpc.secure_channel(target, credentials, _OPTIONS)


def _values(name: str, tensor: Any) -> np.ndarray | list[Any]:
    array = tf.make_ndarray(tensor)
    if array.dtype != object:
        return array
    if name.endswith(_BYTES_SUFFIX):
        return array.tolist()
    return np.vectorize(bytes.decode, otypes=[object])(array).tolist()


def _to_json(message: Any) -> dict[str, Any]:
    """A message as TF-Serving's REST interface writes it."""
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
