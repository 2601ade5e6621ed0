"""Bodies of the status, metadata and error responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format

from wish_tf.server.json_text import quote_json
from wish_tf.server.version_status import VersionStatus


def error_json(message: str) -> bytes:
    """Body of an error response."""
    text = f'{{\n    "error": {quote_json(message)}\n}}'
    return text.encode("utf-8", "surrogateescape")


def status_json(statuses: Iterable[VersionStatus]) -> bytes:
    """Body of a status response."""
    entries = [
        {
            "version": str(status.version),
            "state": status.state.name,
            "status": {
                "error_code": status.error_code.name,
                "error_message": status.error_message,
            },
        }
        for status in statuses
    ]
    text = _dump({"model_version_status": entries}) + "\n"
    return text.encode("utf-8", "surrogateescape")


def metadata_json(name: str, version: int, signatures: Mapping[str, Any]) -> bytes:
    """Body of a metadata response.

    Args:
        name: Model name.
        version: Version number.
        signatures: `SignatureDef` per name.

    Returns:
        The body: integers of 64 bits are strings, as in all JSON of protocol
        buffers, and the key `signature_def` occurs twice, nested.
    """
    spec = {"name": name, "signature_name": "", "version": str(version)}
    definitions = {key: _signature(signatures[key]) for key in sorted(signatures)}
    return (
        f'{{\n"model_spec":{_dump(spec)}\n,\n"metadata": {{"signature_def": '
        f"{_dump({'signature_def': definitions})}\n}}\n}}\n"
    ).encode("utf-8", "surrogateescape")


def _dump(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


def _signature(signature: Any) -> dict[str, Any]:
    fields = json_format.MessageToDict(
        signature,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
    order = ("inputs", "outputs", "method_name", "defaults")
    ordered = {key: fields[key] for key in order}
    for key in ("inputs", "outputs"):
        ordered[key] = {
            name: _tensor(fields[key][name]) for name in sorted(fields[key])
        }
    return ordered


def _tensor(info: dict[str, Any]) -> dict[str, Any]:
    """The fields in TF-Serving's order: the encoding (usually `name`) last."""
    first = {key: info[key] for key in ("dtype", "tensor_shape") if key in info}
    return first | {key: value for key, value in info.items() if key not in first}
