"""Arrays as the body of a predict response, laid out as by TF-Serving."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from wish_tf.server.json_text import quote_json
from wish_tf.server.number_text import float_texts
from wish_tf.server.serving_error import invalid_argument

_BYTES_SUFFIX = "_bytes"
_TF_NAMES = {"float16": "half", "complex64": "complex64", "complex128": "complex128"}
_INTEGERS = {"int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"}


def encode_predict(outputs: Mapping[str, np.ndarray], row_format: bool) -> bytes:
    """Writes the response of a predict call.

    Args:
        outputs: Array per output name; strings are object arrays of `bytes`.
            An output whose name ends in `_bytes` is written in base64.
        row_format: `predictions` (True) or `outputs` (False).

    Returns:
        The body. Strings that are not UTF-8, of an output without the suffix,
        go in as they are and make it invalid JSON, as in TF-Serving.

    Raises:
        ServingError: If an output has a dtype JSON has no place for, or if the
            outputs cannot be cut into rows.
    """
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    if row_format:
        return join_rows(encode_rows(outputs))
    return _body("outputs", _columns(outputs))


def encode_rows(outputs: Mapping[str, np.ndarray]) -> list[str]:
    """Writes each row of the outputs, for `join_rows`.

    The lists within a row take a single line. TF-Serving switches between single
    and multiple lines while it is in the outer list: plain rows follow its bracket
    directly, objects do not.

    Args:
        outputs: As of `encode_predict`; at least one.

    Returns:
        A text for each row.

    Raises:
        ServingError: As of `encode_predict`.
    """
    _check_rows(outputs)
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        return _row_texts(name, array, 2)
    columns = [
        [
            f"{_indent(3)}{quote_json(name)}: {text}"
            for text in _row_texts(name, array, 3)
        ]
        for name, array in outputs.items()
    ]
    start, end = f"\n{_indent(2)}{{\n", f"\n{_indent(2)}}}"
    return [start + ",\n".join(row) + end for row in zip(*columns, strict=True)]


def join_rows(rows: Sequence[str]) -> bytes:
    """The response of a predict call in the row format.

    Args:
        rows: What `encode_rows` returned for all rows of the call.

    Returns:
        The body.
    """
    if not rows:
        return _body("predictions", "[]")
    # No JSON value begins with a new line: only the rows that are objects do.
    separator = "," if rows[0].startswith("\n") else ", "
    return _body("predictions", f"[{separator.join(rows)}\n{_indent(1)}]")


def _body(key: str, text: str) -> bytes:
    body = f"{{\n{_indent(1)}{quote_json(key)}: {text}\n}}"
    return body.encode("utf-8", "surrogateescape")


def _indent(depth: int) -> str:
    return "    " * depth


def _columns(outputs: Mapping[str, np.ndarray]) -> str:
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        return _nested(name, array, 1)
    members = [
        f"{_indent(2)}{quote_json(name)}: {_nested(name, array, 2)}"
        for name, array in outputs.items()
    ]
    return "{\n" + ",\n".join(members) + f"\n{_indent(1)}}}"


def _nested(name: str, array: np.ndarray, depth: int) -> str:
    """A whole array, every element on a line of its own."""
    texts = _leaf_texts(name, array, depth + array.ndim)
    for axis in reversed(range(array.ndim)):
        inner, outer = _indent(depth + axis + 1), _indent(depth + axis)
        texts = _group(
            texts,
            array.shape,
            axis,
            functools.partial(_on_lines, inner=inner, outer=outer),
        )
    return texts[0]


def _on_lines(items: list[str], inner: str, outer: str) -> str:
    return f"[\n{inner}" + f",\n{inner}".join(items) + f"\n{outer}]"


def _check_rows(outputs: Mapping[str, np.ndarray]) -> None:
    batch = None
    for name, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if batch is not None and batch != len(array):
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {len(array)} "
                f"expecting: {batch}"
            )
        batch = len(array)


def _row_texts(name: str, array: np.ndarray, depth: int) -> list[str]:
    texts = _leaf_texts(name, array, depth + array.ndim - 1)
    for axis in reversed(range(1, array.ndim)):
        texts = _group(texts, array.shape, axis, lambda items: f"[{', '.join(items)}]")
    return texts


def _group(
    texts: list[str],
    shape: tuple[int, ...],
    axis: int,
    wrap: Callable[[list[str]], str],
) -> list[str]:
    """Joins the texts along one axis."""
    size = shape[axis]
    if size == 0:
        return ["[]"] * int(np.prod(shape[:axis]))
    return [wrap(texts[at : at + size]) for at in range(0, len(texts), size)]


def _leaf_texts(name: str, array: np.ndarray, depth: int) -> list[str]:
    """JSON of every element, in order; `depth` is for base64 objects."""
    flat = array.reshape(-1)
    dtype = flat.dtype.name
    if dtype in ("float32", "float64"):
        return float_texts(flat)
    if dtype in _INTEGERS:
        return list(map(str, flat.tolist()))
    if dtype == "bool":
        return ["true" if value else "false" for value in flat.tolist()]
    if dtype == "object":
        if name.endswith(_BYTES_SUFFIX):
            start, end = f'{{\n{_indent(depth + 1)}"b64": "', f'"\n{_indent(depth)}}}'
            return [start + base64.b64encode(s).decode() + end for s in flat.tolist()]
        return [quote_json(s.decode("utf-8", "surrogateescape")) for s in flat.tolist()]
    if flat.size == 0:
        return []
    raise invalid_argument(
        f"Failed to write JSON value for tensor type: {_TF_NAMES.get(dtype, dtype)}"
    )
