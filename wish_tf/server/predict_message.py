"""Answers `PredictRequest` messages of gRPC calls and of warm-up files."""

from __future__ import annotations

from typing import Any

from wish_tf.server.http_status import StatusCode
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.predictor import Predictor
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError, invalid_argument
from wish_tf.server.tensor_message import array_from_message, array_to_message


def predict_message(servable: LoadedVersion, request: Any, predictor: Predictor) -> Any:
    """Runs a signature.

    Args:
        servable: The version to run.
        request: A `tensorflow.serving.PredictRequest`.
        predictor: What runs it.

    Returns:
        The `PredictResponse`, with the outputs that `output_filter` names, or
        all of them.

    Raises:
        ServingError: Worded as by TF-Serving.
    """
    from tensorflow_serving.apis import predict_pb2

    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    if name not in servable.signatures:
        raise ServingError(
            StatusCode.FAILED_PRECONDITION,
            f'Serving signature key "{name}" not found.',
        )
    servable.check_input_names(name, request.inputs)
    inputs = {
        key: array_from_message(message, key, predictor.limits.max_inflated_bytes)
        for key, message in request.inputs.items()
    }
    _check_filter(request.output_filter, servable.signatures[name].outputs)
    outputs = predictor.run(servable, request.model_spec.name, name, inputs)
    response = predict_pb2.PredictResponse()
    response.model_spec.name = request.model_spec.name
    response.model_spec.signature_name = name
    response.model_spec.version.value = servable.version
    for key in request.output_filter or outputs:
        response.outputs[key].CopyFrom(array_to_message(outputs[key]))
    return response


def _check_filter(wanted: Any, outputs: Any) -> None:
    seen = set()
    for name in wanted:
        if name not in outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {name} Outputs "
                f"expected to be in the set {{{','.join(sorted(outputs))}}}."
            )
        if name in seen:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
        seen.add(name)
