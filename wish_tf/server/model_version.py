"""One version of a model, from its folder to its end."""

from __future__ import annotations

import dataclasses
import enum
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.server.serving_error import CODES, ServingError, StatusCode
from wish_tf.server.version_directory import folder_stamp

if TYPE_CHECKING:
    from wish_tf.server.servable import Servable

_logger = logging.getLogger("wish_tf.server")


class VersionState(enum.IntEnum):
    """Numbered and named as `tensorflow.serving.ModelVersionStatus.State`."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """What a status response says of a version, as it is at one moment.

    The error is why it could not be loaded, without the folders of this machine.
    """

    version: int
    state: VersionState
    error_code: StatusCode = StatusCode.OK
    error_message: str = ""


class ModelVersion:
    """Loads a version, lends it to requests, and unloads it after the last one.

    `load` and `retire` are for one thread; everything else is safe to call from
    any.

    Attributes:
        status: State now; replaced, never changed.
        error: Why it could not be loaded, if so.
    """

    def __init__(
        self, number: int, path: Path, load: Callable[[Path, int], Servable]
    ) -> None:
        """Starts in state START; `load` loads and warms up the version in a folder."""
        self.status = VersionStatus(number, VersionState.START)
        self.error: ServingError | None = None
        self._path = path
        self._load = load
        self._lock = threading.Lock()
        self._servable: Servable | None = None
        self._leases = 0
        self._stamp: tuple[tuple[str, int, int], ...] = ()

    @property
    def state(self) -> VersionState:
        """How far it has come."""
        return self.status.state

    def _become(self, state: VersionState) -> None:
        self.status = dataclasses.replace(self.status, state=state)

    def load(self) -> None:
        """Makes the version AVAILABLE, or ends it with the error in its status."""
        self._stamp = folder_stamp(self._path)
        self._become(VersionState.LOADING)
        number = self.status.version
        try:
            self._servable = self._load(self._path, number)
        except Exception as error:
            self.error = _as_serving_error(error)
            message = self.error.message
            for folder in (self._path.parent, self._path.parent.resolve()):
                message = message.replace(f"{folder}/", "")
            code = self.error.code
            self.status = VersionStatus(number, VersionState.END, code, message)
            known = isinstance(error, InputError | ServingError)
            text = f"Cannot load version {number} in {self._path}: {self.error}"
            _logger.error("%s", text, exc_info=None if known else error)
        else:
            self._become(VersionState.AVAILABLE)
            _logger.info("Loaded version %d from %s", number, self._path)

    def may_load_again(self) -> bool:
        """Whether it has ended, and loading it anew could have another result.

        That is so after an unloading, and after a failure when the folder has
        changed since: it may have been seen while it was being copied.
        """
        if self.state is not VersionState.END:
            return False
        return self.error is None or folder_stamp(self._path) != self._stamp

    def acquire(self) -> bool:
        """Takes a lease, to be used as a context: the version stays loaded until then.

        Returns:
            Whether there is one, that is whether the version is available.
        """
        with self._lock:
            is_there = self.state is VersionState.AVAILABLE
            self._leases += is_there
        return is_there

    def __enter__(self) -> Servable:
        assert self._servable is not None, "a lease was taken"
        return self._servable

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._leases -= 1
            last = self._leases == 0 and self.state is VersionState.UNLOADING
        if last:
            # Whoever had the last lease may be an event loop, or have an answer to
            # give: neither is to wait for this.
            threading.Thread(target=self._unload, name="unload").start()

    def retire(self) -> None:
        """Takes no more requests, and unloads at once or after the last lease."""
        with self._lock:
            if self.state is not VersionState.AVAILABLE:
                return
            self._become(VersionState.UNLOADING)
            idle = self._leases == 0
        if idle:
            self._unload()

    def _unload(self) -> None:
        servable, self._servable = self._servable, None
        assert servable is not None, "it was AVAILABLE until now"
        servable.close()
        self._become(VersionState.END)
        _logger.info("Unloaded version %d from %s", self.status.version, self._path)


def _as_serving_error(error: Exception) -> ServingError:
    """What the status says of a failed load."""
    if isinstance(error, ServingError):
        return error
    cause = error.__cause__ if isinstance(error, InputError) else error
    if isinstance(cause, tf.errors.OpError):
        code = CODES[cause.error_code]
    elif isinstance(cause, OSError):
        code = StatusCode.NOT_FOUND
    else:
        code = StatusCode.UNKNOWN
    return ServingError(code, str(error))
