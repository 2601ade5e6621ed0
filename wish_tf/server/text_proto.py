"""TF-Serving's files in protobuf's text format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from wish_tf.errors import InputError

# protobuf is imported where it is needed: the command line starts without it.

# Messages whose schema no Python package ships: a type for each field. The text format
# names fields, so that their numbers do not matter.
_MESSAGES = {
    "Whole": {"value": "int64"},
    "Text": {"value": "string"},
    "Flag": {"value": "bool"},
    "BatchingParameters": {
        "max_batch_size": "Whole",
        "batch_timeout_micros": "Whole",
        "max_enqueued_batches": "Whole",
        "num_batch_threads": "Whole",
        "thread_pool_name": "Text",
        "enable_large_batch_splitting": "Flag",
        "max_execution_batch_size": "Whole",
        "allowed_batch_sizes": "repeated int64",
    },
    "PrometheusConfig": {"enable": "bool", "path": "string"},
    "MonitoringConfig": {"prometheus_config": "PrometheusConfig"},
}


Settings = TypeVar("Settings")


def read_settings(
    make: Callable[..., Settings],
    path: str | Path,
    name: str,
    what: str,
    part: str = "",
) -> Settings:
    """Makes something of the fields of a message, or of one part of it, in a file.

    Raises:
        InputError: As `read_text_proto`, and as `make`.
    """
    message = read_text_proto(path, _new_message(name), what)
    values = {
        field.name: value.value if hasattr(value, "value") else value
        for field, value in (getattr(message, part) if part else message).ListFields()
    }
    lists = {key: tuple(v) for key, v in values.items() if hasattr(v, "append")}
    try:
        return make(**values | lists)
    except InputError as error:
        raise InputError(f"{error} in {path}") from error


def _new_message(name: str) -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="wish_tf.proto", package="wish_tf", syntax="proto3"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for number, (field_name, kind) in enumerate(fields.items(), start=1):
            field = message.field.add(name=field_name, number=number)
            base = kind.removeprefix("repeated ")
            field.label = field.LABEL_OPTIONAL if base == kind else field.LABEL_REPEATED
            if base in _MESSAGES:
                field.type_name = f".wish_tf.{base}"
            else:
                field.type = getattr(field, f"TYPE_{base.upper()}")
    # Not the default pool: there the real schema may come to be.
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    found = pool.FindMessageTypeByName(f"wish_tf.{name}")
    return message_factory.GetMessageClass(found)()


def read_text_proto(path: str | Path, message: Any, what: str) -> Any:
    """Reads a file into a message; fields that it does not have are refused.

    Args:
        path: A file in protobuf's text format.
        message: An empty message, filled in place and returned.
        what: What the file ought to hold, for the error: `"batching parameters"`.

    Raises:
        InputError: If the file cannot be read or is not such a message.
    """
    from google.protobuf import text_format

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
