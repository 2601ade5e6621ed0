"""The states a version of a model goes through."""

from __future__ import annotations

import enum


class VersionState(enum.IntEnum):
    """Numbered and named as `tensorflow.serving.ModelVersionStatus.State`."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50
