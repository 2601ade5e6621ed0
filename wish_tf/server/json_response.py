"""The bodies of responses."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson

from wish_tf.server.model_version import VersionStatus
from wish_tf.server.serving_error import invalid_argument

_BYTES_SUFFIX = "_bytes"
# By kind, since the name of a dtype takes longer to find than to write its values.
_WHOLE = "iub"
_FLOATS = "fd"  # of 32 and of 64 bits


def to_json(value: Any, floats: Iterable[np.ndarray] = ()) -> bytes:
    """Writes JSON in one line.

    Args:
        value: Lists, dictionaries, strings, numbers and arrays. Strings may have
            surrogate escapes, the bytes of what is not UTF-8: they go in as they are
            and make it invalid JSON, as in TF-Serving.
        floats: The arrays in it that may have numbers which are written as `NaN`,
            `Infinity` and `-Infinity`.
    """
    try:
        body = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        pass  # as of a string that is not UTF-8
    else:
        # For such a number orjson writes null, which a text may have in it, too.
        if b"null" not in body or all(np.isfinite(array).all() for array in floats):
            return body
    text = json.dumps(value, ensure_ascii=False, default=lambda array: array.tolist())
    return text.encode("utf-8", "surrogateescape")


def encode_predict(outputs: Mapping[str, np.ndarray], row_format: bool) -> bytes:
    """Writes the response of a predict call.

    With several outputs, each row, or all of it, is an object.

    Args:
        outputs: Array per output name; strings are object arrays of `bytes`.
            An output whose name ends in `_bytes` is written in base64.
        row_format: `predictions` (True) or `outputs` (False).

    Raises:
        ServingError: If an output has a dtype JSON has no place for, or if the
            outputs cannot be cut into rows.
    """
    if not outputs:
        raise invalid_argument("expected outputs to write as JSON; got none")
    floats = [array for array in outputs.values() if array.dtype.char in _FLOATS]
    values = {name: _plain(name, array) for name, array in outputs.items()}
    if not row_format:
        (only,) = values.values() if len(values) == 1 else (values,)
        return to_json({"outputs": only}, floats)
    lengths = [len(a) if a.ndim else None for a in outputs.values()]
    if None in lengths or len(set(lengths)) > 1:
        raise invalid_argument(
            "expected outputs that all have a row for each instance, or 'inputs' in "
            f"place of 'instances'; got the lengths {lengths}"
        )
    if len(values) == 1:
        (rows,) = values.values()
    else:
        columns = zip(*values.values(), strict=True)
        rows = [dict(zip(values, row, strict=True)) for row in columns]
    return to_json({"predictions": rows}, floats)


def _plain(name: str, array: np.ndarray) -> Any:
    """Returns an array as what `to_json` takes; floats keep their few digits."""
    dtype = array.dtype
    if dtype.kind == "O":
        return _texts(name, array.tolist())
    if dtype.char in _FLOATS and array.size:
        return array if array.ndim else array[()]
    if array.size and dtype.kind not in _WHOLE:
        raise invalid_argument(f"JSON has no values of type {dtype}, output {name}")
    return array.tolist()


def _texts(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(name, item) for item in value]
    if name.endswith(_BYTES_SUFFIX):
        return {"b64": base64.b64encode(value).decode()}
    return value.decode("utf-8", "surrogateescape")


def error_json(message: str) -> bytes:
    """Returns the body of an error response."""
    return to_json({"error": message})


def status_json(statuses: Iterable[VersionStatus]) -> bytes:
    """Returns the body of a status response."""
    entries = []
    for one in statuses:
        status = {"error_code": one.error_code.name, "error_message": one.error_message}
        state = one.state.name
        entries.append({"version": str(one.version), "state": state, "status": status})
    return to_json({"model_version_status": entries})


def metadata_json(name: str, version: int, signatures: Mapping[str, Any]) -> bytes:
    """Returns the body of a metadata response; `signatures` is `Servable.metadata`.

    Integers of 64 bits are strings, as in all JSON of protocol buffers, and the key
    `signature_def` occurs twice, nested.
    """
    spec = {"name": name, "signature_name": "", "version": str(version)}
    metadata = {"signature_def": {"signature_def": signatures}}
    return to_json({"model_spec": spec, "metadata": metadata})
