"""What classify and regress want of a signature."""

from __future__ import annotations

from typing import Any

from wish_tf.server.http_status import StatusCode
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError, invalid_argument

_OUTPUT_NAMES = {"classify": ("classes", "scores"), "regress": ("outputs",)}
_NOUNS = {"classify": "classification", "regress": "regression"}


def refuse_examples(servable: LoadedVersion, method: str, signature_name: str) -> None:
    """Says why a signature cannot classify or regress.

    The signatures that this package exports are all for predict. TF-Serving does
    not compare the signature's `method_name` (its flag
    `--enable_signature_method_name_check` is off), but looks for the tensors.

    Args:
        servable: The version asked.
        method: `classify` or `regress`.
        signature_name: Name of the signature; empty for the default one.

    Raises:
        ServingError: Always: as by TF-Serving if the signature does not fit, and
            UNIMPLEMENTED if it does.
    """
    name = signature_name or DEFAULT_SIGNATURE
    if name not in servable.signatures:
        raise invalid_argument(f"No signature was found with the name: {name}")
    check_example_signature(servable.signatures[name], method)
    raise ServingError(
        StatusCode.UNIMPLEMENTED,
        f"This server answers predict, status and metadata, not {method}",
    )


def check_example_signature(signature: Any, method: str) -> None:
    """Refuses a signature that cannot classify or regress.

    Args:
        signature: A `SignatureDef`.
        method: `classify` or `regress`.

    Raises:
        ServingError: INVALID_ARGUMENT, worded as by TF-Serving.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if method == "classify" and len(signature.outputs) not in (1, 2):
        raise invalid_argument(
            f"Expected one or two output Tensors, found {len(signature.outputs)}"
        )
    if method == "regress" and len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    noun = _NOUNS[method]
    if "inputs" not in signature.inputs:
        raise invalid_argument(f"No {noun} inputs found in SignatureDef: {signature}")
    names = _OUTPUT_NAMES[method]
    if any(name in signature.outputs for name in names):
        return
    if method == "regress":
        raise invalid_argument(f"No {noun} outputs found in SignatureDef: {signature}")
    wanted = " or ".join(f'"{name}"' for name in names)
    raise invalid_argument(
        f"Expected {noun} signature outputs to contain at least one of {wanted}. "
        f"Signature was: {signature}"
    )
