"""One version of a model, from its folder to its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.server.http_status import StatusCode
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.serving_error import ServingError
from wish_tf.server.version_directory import folder_stamp
from wish_tf.server.version_state import VersionState
from wish_tf.server.version_status import VersionStatus

_logger = logging.getLogger("wish_tf.server")


class ModelVersion:
    """Loads a version, lends it to requests, and unloads it after the last one.

    `load` and `retire` are for one thread; everything else is safe to call from
    any.

    Attributes:
        number: Version number.
    """

    def __init__(
        self, number: int, path: Path, load: Callable[[Path, int], LoadedVersion]
    ) -> None:
        """Starts in state START.

        Args:
            number: Version number.
            path: Folder of the SavedModel.
            load: Loads and warms up the version in a folder.
        """
        self.number = number
        self._path = path
        self._load = load
        self._lock = threading.Lock()
        self._state = VersionState.START
        self._error: ServingError | None = None
        self._servable: LoadedVersion | None = None
        self._leases = 0
        self._stamp: tuple[tuple[str, int, int], ...] = ()

    @property
    def status(self) -> VersionStatus:
        """State and error now."""
        with self._lock:
            if self._error is None:
                return VersionStatus(self.number, self._state)
            return VersionStatus(
                self.number, self._state, self._error.code, self._error.message
            )

    @property
    def state(self) -> VersionState:
        """State now."""
        return self.status.state

    def load(self) -> None:
        """Makes the version AVAILABLE, or ends it with the error in its status."""
        self._stamp = folder_stamp(self._path)
        with self._lock:
            self._state = VersionState.LOADING
        try:
            servable = self._load(self._path, self.number)
        except Exception as error:
            failure = _as_serving_error(error)
            with self._lock:
                self._state, self._error = VersionState.END, failure
            expected = isinstance(error, InputError | ServingError)
            _logger.error(
                "Cannot load version %d in %s: %s",
                self.number,
                self._path,
                failure,
                exc_info=None if expected else error,
            )
            return
        with self._lock:
            self._state, self._servable = VersionState.AVAILABLE, servable
        _logger.info("Loaded version %d from %s", self.number, self._path)

    def may_load_again(self) -> bool:
        """Whether it has ended, and loading it anew could have another result.

        That is so after an unloading, and after a failure when the folder has
        changed since: it may have been seen while it was being copied.
        """
        with self._lock:
            if self._state is not VersionState.END:
                return False
            failed = self._error is not None
        return not failed or folder_stamp(self._path) != self._stamp

    def acquire(self) -> LoadedVersion | None:
        """Takes a lease: the version stays loaded until `release` is called.

        Returns:
            The loaded version, or None if it is not available; then there is no
            lease to release.
        """
        with self._lock:
            if self._state is not VersionState.AVAILABLE:
                return None
            self._leases += 1
            return self._servable

    def release(self) -> None:
        """Ends a lease; does not wait for the unloading that may follow."""
        with self._lock:
            self._leases -= 1
            last = self._leases == 0 and self._state is VersionState.UNLOADING
        if last:
            # Whoever had the last lease may be an event loop, or have an answer to
            # give: neither is to wait for this.
            threading.Thread(target=self._unload, name=f"unload-{self.number}").start()

    def retire(self) -> None:
        """Takes no more requests, and unloads at once or after the last lease."""
        with self._lock:
            if self._state is not VersionState.AVAILABLE:
                return
            self._state = VersionState.UNLOADING
            idle = self._leases == 0
        if idle:
            self._unload()

    def _unload(self) -> None:
        servable, self._servable = self._servable, None
        assert servable is not None, "it was AVAILABLE until now"
        servable.close()
        with self._lock:
            self._state = VersionState.END
        _logger.info("Unloaded version %d from %s", self.number, self._path)


def _as_serving_error(error: Exception) -> ServingError:
    """What the status says of a failed load."""
    if isinstance(error, ServingError):
        return error
    cause = error.__cause__ if isinstance(error, InputError) else error
    if isinstance(cause, tf.errors.OpError):
        code = StatusCode(cause.error_code)
    elif isinstance(cause, OSError):
        code = StatusCode.NOT_FOUND
    else:
        code = StatusCode.UNKNOWN
    return ServingError(code, str(error))
