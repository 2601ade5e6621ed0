"""TF-Serving's text files as messages; a field that it has not is an error."""

from __future__ import annotations

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from google.protobuf.message import Message
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from tests.serving_kit.kit import SERVING

_Field = descriptor_pb2.FieldDescriptorProto
_INT64 = ".google.protobuf.Int64Value"
# tensorflow-serving-api has no messages for these two files. Fields as in
# TF-Serving 2.20: text needs their names and types; the numbers are our own.
_MESSAGES = {
    "BatchingParameters": {
        "max_batch_size": _INT64,
        "batch_timeout_micros": _INT64,
        "max_enqueued_batches": _INT64,
        "num_batch_threads": _INT64,
        "thread_pool_name": ".google.protobuf.StringValue",
        "allowed_batch_sizes": [_Field.TYPE_INT64],
        "pad_variable_length_inputs": _Field.TYPE_BOOL,
        "enable_large_batch_splitting": ".google.protobuf.BoolValue",
        "max_execution_batch_size": _INT64,
    },
    "PrometheusConfig": {"enable": _Field.TYPE_BOOL, "path": _Field.TYPE_STRING},
    "MonitoringConfig": {"prometheus_config": ".wish_tf.tests.PrometheusConfig"},
}


def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="wish_tf/tests/client.proto", package="wish_tf.tests", syntax="proto3"
    )
    file.dependency.append(wrappers_pb2.DESCRIPTOR.name)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field_name, kind) in enumerate(fields.items(), 1):
            field = message.field.add(name=field_name, number=number)
            repeated = isinstance(kind, list)
            field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            kind = kind[0] if repeated else kind
            if isinstance(kind, str):
                field.type, field.type_name = _Field.TYPE_MESSAGE, kind
            else:
                field.type = kind
    pool.Add(file)
    return pool


_POOL = _pool()


def parse(message: str, text: str) -> Message:
    """Reads a text as `BatchingParameters` or `MonitoringConfig`."""
    descriptor = _POOL.FindMessageTypeByName(f"wish_tf.tests.{message}")
    kind = message_factory.GetMessageClass(descriptor)
    return text_format.Parse(text, kind(), descriptor_pool=_POOL)


def read_models_config(name: str) -> ModelServerConfig:
    """Reads a file of serving/ by TF-Serving's own message."""
    return text_format.Parse((SERVING / name).read_text("utf-8"), ModelServerConfig())


def read_batching_parameters() -> Message:
    """Reads serving/batching_parameters.txt."""
    text = (SERVING / "batching_parameters.txt").read_text("utf-8")
    return parse("BatchingParameters", text)


def read_monitoring_config() -> Message:
    """Reads serving/monitoring.config."""
    text = (SERVING / "monitoring.config").read_text("utf-8")
    return parse("MonitoringConfig", text)
