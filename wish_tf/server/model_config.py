"""What a server is told of its models, and TF-Serving's `--model_config_file`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError
from wish_tf.server.text_proto import read_text_proto

_PLATFORM = "tensorflow"


@dataclasses.dataclass(frozen=True)
class VersionPolicy:
    """TF-Serving's `model_version_policy`.

    Without arguments: the newest version. Not more than one of the attributes
    may be given.

    Attributes:
        latest: How many of the newest versions.
        specific: The versions with these numbers.
        every: All versions.
    """

    latest: int | None = None
    specific: frozenset[int] = frozenset()
    every: bool = False

    def __post_init__(self) -> None:
        given = (self.latest is not None) + bool(self.specific) + self.every
        if given > 1:
            raise InputError(f"expected one version policy; got {given}")
        if self.latest is not None and self.latest < 1:
            raise InputError(
                f"expected at least one version in the policy `latest`; got "
                f"{self.latest}"
            )

    def choose(self, versions: Iterable[int]) -> set[int]:
        """Returns those to serve of the versions there are."""
        there = set(versions)
        if self.every:
            return there
        if self.specific:
            return there & self.specific
        count = 1 if self.latest is None else self.latest
        return set(sorted(there, reverse=True)[:count])


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """One model to serve.

    Attributes:
        name: Name of the model in URLs and in `model_spec.name`.
        base_path: Folder with the numbered version folders.
        policy: Which of the versions are served.
        labels: Version number per label.
    """

    name: str
    base_path: Path
    policy: VersionPolicy = dataclasses.field(default_factory=VersionPolicy)
    labels: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("expected a name for the model; got an empty one")


def read_model_config_file(path: str | os.PathLike[str]) -> list[ModelConfig]:
    """Reads the models that a text proto `tensorflow.serving.ModelServerConfig` names.

    Raises:
        InputError: If the file cannot be read, or is not such a proto, or asks
            for something that this server does not do.
    """
    from tensorflow_serving.config import model_server_config_pb2

    config = model_server_config_pb2.ModelServerConfig()
    read_text_proto(Path(path), config, "a ModelServerConfig")
    if config.WhichOneof("config") != "model_config_list":
        raise InputError(
            f"expected a model_config_list in {path}; got "
            f"{config.WhichOneof('config') or 'an empty config'}"
        )
    return model_configs(config.model_config_list.config)


def model_configs(protos: Iterable[Any]) -> list[ModelConfig]:
    """Checks and converts the `ModelConfig` messages of a `model_config_list`.

    Raises:
        InputError: If a model is named twice, or has no absolute path, or is not
            a TensorFlow model.
    """
    configs: dict[str, ModelConfig] = {}
    for proto in protos:
        if proto.name in configs:
            raise InputError(f"expected each model once; got {proto.name} twice")
        configs[proto.name] = _model_config(proto)
    return list(configs.values())


def _model_config(proto: Any) -> ModelConfig:
    # An older field gives it as a number.
    if (proto.model_platform or ("", _PLATFORM)[proto.model_type == 1]) != _PLATFORM:
        raise InputError(
            f"expected model_platform: '{_PLATFORM}' for model {proto.name}; got "
            f"'{proto.model_platform}'"
        )
    if not os.path.isabs(proto.base_path):
        raise InputError(
            f"expected an absolute base_path for model {proto.name}; got "
            f"'{proto.base_path}'"
        )
    policy, labels = _policy(proto.model_version_policy), dict(proto.version_labels)
    return ModelConfig(proto.name, Path(proto.base_path), policy, labels)


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
