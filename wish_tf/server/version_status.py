"""What a status response says of one version."""

from __future__ import annotations

import dataclasses

from wish_tf.server.http_status import StatusCode
from wish_tf.server.version_state import VersionState


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """State of a version at one moment.

    Attributes:
        version: Version number.
        state: How far it has come.
        error_code: OK, or why it could not be loaded.
        error_message: Empty, or why it could not be loaded.
    """

    version: int
    state: VersionState
    error_code: StatusCode = StatusCode.OK
    error_message: str = ""
