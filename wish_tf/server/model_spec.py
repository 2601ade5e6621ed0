"""Which version a gRPC request is for."""

from __future__ import annotations

from typing import Any

from wish_tf.server.serving_error import invalid_argument


def read_model_spec(request: Any) -> tuple[str, int | None, str | None]:
    """Reads `model_spec`.

    Args:
        request: A message with a field of this name.

    Returns:
        Model name, version number if any, version label if any.

    Raises:
        ServingError: INVALID_ARGUMENT if there is no `model_spec`.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec = request.model_spec
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )
