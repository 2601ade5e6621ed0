"""Text protos of TF-Serving whose schema no Python package ships."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)

from wish_tf.errors import InputError

_PACKAGE = "tensorflow.serving"
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": _FIELD.TYPE_BOOL,
    "int64": _FIELD.TYPE_INT64,
    "string": _FIELD.TYPE_STRING,
}


def message_class(name: str, messages: Mapping[str, Mapping[str, str]]) -> type:
    """Builds the class of a proto3 message from a table of its fields.

    Args:
        name: Which of `messages` to return.
        messages: Per message name, a type per field name: `bool`, `int64`,
            `string`, `repeated int64`, one of protobuf's wrappers
            (`Int64Value`), or the name of another of `messages`.

    Returns:
        A class of protobuf messages.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{name}.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    for message_name, fields in messages.items():
        message = file.message_type.add(name=message_name)
        # The text format names fields, so that their numbers do not matter.
        for number, (field_name, kind) in enumerate(fields.items(), start=1):
            message.field.append(_field(field_name, kind, number, messages))
    # Not the default pool: there the real schema may come to be.
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")
    )


def read_text_proto(path: str | Path, message: Any, what: str) -> Any:
    """Reads a file into a message; fields that it does not have are refused.

    Args:
        path: A file in protobuf's text format.
        message: An empty message, filled in place.
        what: What the file ought to hold, for the error: `"batching parameters"`.

    Returns:
        The message.

    Raises:
        InputError: If the file cannot be read or is not such a message.
    """
    expected = f"expected {what} in protobuf's text format in {path}"
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{expected}; got {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{expected}; got bytes that are not UTF-8") from error
    try:
        return text_format.Parse(text, message)
    except text_format.ParseError as error:
        # Its text may quote several lines of the file.
        _, _, reason = " ".join(str(error).split()).partition(" : ")
        raise InputError(
            f"{expected}; got in line {error.GetLine()}: {reason.rstrip('.')}"
        ) from error


def _field(
    name: str, kind: str, number: int, messages: Mapping[str, Mapping[str, str]]
) -> descriptor_pb2.FieldDescriptorProto:
    base = kind.removeprefix("repeated ")
    field = _FIELD(
        name=name,
        number=number,
        label=_FIELD.LABEL_OPTIONAL if base == kind else _FIELD.LABEL_REPEATED,
    )
    if base in _SCALARS:
        field.type = _SCALARS[base]
        return field
    field.type = _FIELD.TYPE_MESSAGE
    package = _PACKAGE if base in messages else "google.protobuf"
    field.type_name = f".{package}.{base}"
    return field
