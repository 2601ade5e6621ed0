"""One model of the server with its versions."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.model_config import ModelConfig
from wish_tf.server.model_version import ModelVersion
from wish_tf.server.version_directory import find_versions
from wish_tf.server.version_state import VersionState
from wish_tf.server.version_status import VersionStatus

_logger = logging.getLogger("wish_tf.server")


class ServedModel:
    """Keeps the versions that its policy asks for loaded.

    A new version is loaded beside the old ones. These go only when a version
    that is wanted is available, so that there is always one to serve, and stay when
    the folder has none.

    `configure`, `refresh` and `withdraw` are for one thread at a time; everything
    else is safe to call from any.

    Attributes:
        config: What to serve.
    """

    def __init__(
        self, config: ModelConfig, load: Callable[[Path, int], LoadedVersion]
    ) -> None:
        """Nothing is loaded yet.

        Args:
            config: What to serve.
            load: Loads and warms up the version in a folder.
        """
        self.config = config
        self._load = load
        # Replaced, never changed, so that it can be read without a lock.
        self._versions: dict[int, ModelVersion] = {}
        self._withdrawn = False
        self._warned = ""

    def configure(self, config: ModelConfig) -> None:
        """Changes what to serve from the next refresh on.

        Args:
            config: Of the same name.
        """
        self.config = config
        self._withdrawn = False

    def refresh(self) -> None:
        """Looks into the folder, then loads and retires what the policy says."""
        if self._withdrawn:
            return
        try:
            found = find_versions(self.config.base_path)
        except InputError as error:
            # As in TF-Serving, an unreadable folder says nothing about versions.
            self._warn(str(error))
            return
        wanted = self.config.policy.choose(found)
        if not wanted:
            # TF-Serving would unload all, unless it has
            # `servable_versions_always_present`: a folder that is emptied by mistake,
            # or while it is copied anew, must not end the service.
            self._warn(
                f"No version to serve of model {self.config.name} in "
                f"{self.config.base_path}: what is loaded stays"
            )
            return
        self._warn("")
        new = [
            ModelVersion(number, found[number], self._load)
            for number in sorted(wanted, reverse=True)
            if number not in self._versions or self._versions[number].may_load_again()
        ]
        self._versions = {**self._versions, **{item.number: item for item in new}}
        for version in new:
            version.load()
            self._retire_all_but(wanted)
        self._retire_all_but(wanted)

    def withdraw(self) -> None:
        """Unloads every version, each after its last request, and loads no more."""
        self._withdrawn = True
        for version in self._versions.values():
            version.retire()

    @property
    def statuses(self) -> list[VersionStatus]:
        """All versions there have been, the newest first."""
        versions = self._versions
        return [versions[number].status for number in sorted(versions, reverse=True)]

    def is_available(self, version: int | None = None) -> bool:
        """Whether the version (or any, if None) can be served."""
        return any(
            status.state is VersionState.AVAILABLE
            for status in self.statuses
            if version in (None, status.version)
        )

    @contextlib.contextmanager
    def lease(self, version: int | None) -> Iterator[LoadedVersion | None]:
        """Keeps a version loaded for as long as the context lasts.

        Args:
            version: Its number, or None for the newest available one.

        Yields:
            The loaded version, or None if there is none.
        """
        lease = self._acquire(version)
        # What was available may be retired, for a newer one, between the look and
        # the lease: then look again.
        while lease is None and self.is_available(version):
            lease = self._acquire(version)
        if lease is None:
            yield None
            return
        leased, servable = lease
        try:
            yield servable
        finally:
            leased.release()

    def _acquire(
        self, version: int | None
    ) -> tuple[ModelVersion, LoadedVersion] | None:
        versions = self._versions
        numbers = sorted(versions, reverse=True) if version is None else [version]
        for number in numbers:
            if number in versions and (servable := versions[number].acquire()):
                return versions[number], servable
        return None

    def _retire_all_but(self, wanted: set[int]) -> None:
        serves = any(
            self._versions[number].state is VersionState.AVAILABLE for number in wanted
        )
        if wanted and not serves:
            return
        for number, version in self._versions.items():
            if number not in wanted:
                version.retire()

    def _warn(self, message: str) -> None:
        """Once, not at every look into the folder."""
        if message and message != self._warned:
            _logger.warning("%s", message)
        self._warned = message
