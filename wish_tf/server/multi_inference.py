"""MultiInference calls: several classifications and regressions at once."""

from __future__ import annotations

from typing import Any

from wish_tf.server.example_signature import check_example_signature
from wish_tf.server.http_status import StatusCode
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError, invalid_argument

_METHODS = {
    "tensorflow/serving/classify": "classify",
    "tensorflow/serving/regress": "regress",
}


def refuse_multi_inference(servable: LoadedVersion, request: Any) -> None:
    """Says why the tasks of a request cannot be done.

    Args:
        servable: The version asked.
        request: A `MultiInferenceRequest`.

    Raises:
        ServingError: Always: as by TF-Serving for the first task that does not
            fit, and UNIMPLEMENTED if all do.
    """
    seen = set()
    for task in request.tasks:
        if not task.model_spec.name:
            raise invalid_argument("Found ModelSpec with an empty model name.")
        if task.model_spec.name != request.tasks[0].model_spec.name:
            raise invalid_argument(
                "All ModelSpecs in a MultiInferenceRequest must access the same "
                "model name."
            )
        name = task.model_spec.signature_name or DEFAULT_SIGNATURE
        if name in seen:
            raise invalid_argument(f"Duplicate evaluation of signature: {name}")
        seen.add(name)
        if name not in servable.signatures:
            raise invalid_argument(
                f"Requested signature not found in model graph: {name}"
            )
        if task.method_name not in _METHODS:
            raise ServingError(
                StatusCode.UNIMPLEMENTED,
                f"Unsupported signature method_name: {task.method_name}",
            )
        check_example_signature(servable.signatures[name], _METHODS[task.method_name])
    raise ServingError(
        StatusCode.UNIMPLEMENTED,
        "This server answers Predict and GetModelMetadata, not MultiInference",
    )
