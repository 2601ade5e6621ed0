"""TF-Serving's `--model_config_file`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError
from wish_tf.server.model_config import ModelConfig
from wish_tf.server.version_policy import VersionPolicy

_PLATFORM = "tensorflow"


def read_model_config_file(path: str | os.PathLike[str]) -> list[ModelConfig]:
    """Reads a text proto `tensorflow.serving.ModelServerConfig`.

    Args:
        path: The file.

    Returns:
        The models it names.

    Raises:
        InputError: If the file cannot be read, or is not such a proto, or asks
            for something that this server does not do.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(
            f"expected a model config file; got {path}, which cannot be read: {reason}"
        ) from error
    config = model_server_config_pb2.ModelServerConfig()
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        raise InputError(
            f"expected a text proto ModelServerConfig in {path}; got a fault at "
            f"line:column {error}"
        ) from error
    if config.WhichOneof("config") != "model_config_list":
        raise InputError(
            f"expected a model_config_list in {path}; got "
            f"{config.WhichOneof('config') or 'an empty config'}"
        )
    return model_configs(config.model_config_list.config)


def model_configs(protos: Iterable[Any]) -> list[ModelConfig]:
    """Checks and converts the entries of a `model_config_list`.

    Args:
        protos: `tensorflow.serving.ModelConfig` messages.

    Returns:
        One configuration per model.

    Raises:
        InputError: If a model is named twice, or has no absolute path, or is not
            a TensorFlow model.
    """
    configs: dict[str, ModelConfig] = {}
    for proto in protos:
        if proto.name in configs:
            raise InputError(
                f"Illegal to list model {proto.name} multiple times in config list"
            )
        configs[proto.name] = _model_config(proto)
    return list(configs.values())


def _model_config(proto: Any) -> ModelConfig:
    from tensorflow_serving.config import model_server_config_pb2

    by_type = proto.model_type == model_server_config_pb2.ModelType.TENSORFLOW
    if proto.model_platform != _PLATFORM and not (by_type and not proto.model_platform):
        raise InputError(
            f"expected model_platform: '{_PLATFORM}' for model {proto.name}; got "
            f"'{proto.model_platform}'"
        )
    if not os.path.isabs(proto.base_path):
        raise InputError(
            f"Expected model {proto.name} to have an absolute path or URI; got "
            f"base_path()={proto.base_path}"
        )
    return ModelConfig(
        proto.name,
        Path(proto.base_path),
        _policy(proto.model_version_policy),
        dict(proto.version_labels),
    )


def _policy(proto: Any) -> VersionPolicy:
    choice = proto.WhichOneof("policy_choice")
    if choice == "all":
        return VersionPolicy(every=True)
    if choice == "specific":
        if not proto.specific.versions:
            raise InputError(
                "expected at least one version in the policy `specific`; got none"
            )
        return VersionPolicy(specific=frozenset(proto.specific.versions))
    # `latest {}` leaves the number at proto3's 0, which stands for one.
    return VersionPolicy(latest=proto.latest.num_versions or 1)
