"""What a server is told of one model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.version_policy import VersionPolicy


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
