"""One model of the server with its versions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.errors import InputError
from wish_tf.server.model_config import ModelConfig
from wish_tf.server.model_version import ModelVersion, VersionState, VersionStatus
from wish_tf.server.version_directory import find_versions

if TYPE_CHECKING:
    from wish_tf.server.servable import Servable

_logger = logging.getLogger("wish_tf.server")


class ServedModel:
    """Keeps the versions that its policy asks for loaded.

    A new version is loaded beside the old ones. These go only when a version
    that is wanted is available, so that there is always one to serve, and stay when
    the folder has none.

    What changes it is for one thread at a time; everything else is safe to call from
    any.
    """

    def __init__(self, load: Callable[[Path, int], Servable]) -> None:
        """Nothing is loaded yet; `load` loads and warms up the version in a folder."""
        self._config: ModelConfig | None = None
        self._load = load
        # Replaced, never changed, so that it can be read without a lock.
        self._versions: dict[int, ModelVersion] = {}
        self._warned = ""

    def load_beside(self, config: ModelConfig) -> dict[int, ModelVersion]:
        """Loads what a configuration asks for; serves none of it yet.

        Returns:
            The versions that the configuration would have in place of those of today,
            loaded or failed.
        """
        found = find_versions(config.base_path)
        wanted = config.policy.choose(found)
        new = self._missing(found, wanted)
        for version in new.values():
            version.load()
        there = {**self._versions, **new}
        return {number: there[number] for number in wanted}

    def take(self, config: ModelConfig, versions: dict[int, ModelVersion]) -> None:
        """Serves what `load_beside` returned for a configuration, too."""
        self._config = config
        self._versions = {**self._versions, **versions}

    def retire_all_but(self, wanted: set[int]) -> None:
        """Unloads the other versions, unless none of those wanted is available."""
        if any(self.is_available(number) for number in wanted):
            for number, version in self._versions.items():
                if number not in wanted:
                    version.retire()

    def drop(self, versions: dict[int, ModelVersion]) -> None:
        """Unloads what `load_beside` returned, but for what is served already."""
        for number, version in versions.items():
            if self._versions.get(number) is not version:
                version.retire()

    def refresh(self) -> None:
        """Looks into the folder, then loads and retires what the policy says."""
        if self._config is None:
            return
        found: dict[int, Path] = {}
        warning = (
            f"expected a version to serve in {self._config.base_path}; got none: what "
            f"is loaded of model {self._config.name} stays"
        )
        try:
            found = find_versions(self._config.base_path)
        except InputError as error:
            warning = str(error)
        wanted = self._config.policy.choose(found)
        if not wanted:
            # TF-Serving would unload all, unless it has
            # `servable_versions_always_present`: a folder that is emptied by mistake,
            # or while it is copied anew, must not end the service.
            if warning != self._warned:
                _logger.warning("%s", warning)
            self._warned = warning
            return
        self._warned = ""
        new = self._missing(found, wanted)
        self._versions = {**self._versions, **new}
        for version in new.values():
            version.load()
            self.retire_all_but(wanted)
        self.retire_all_but(wanted)

    def withdraw(self) -> None:
        """Unloads every version, each after its last request, and loads no more."""
        self._config = None
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
            each.state is VersionState.AVAILABLE
            for number, each in self._versions.items()
            if version in (None, number)
        )

    def lease(self, version: int | None) -> ModelVersion | None:
        """Returns a version (None: the newest available) with a lease taken.

        It is a context that gives what is loaded; None if there is no such version.
        """
        while True:
            versions = self._versions
            numbers = sorted(versions, reverse=True) if version is None else [version]
            for number in numbers:
                if number in versions and versions[number].acquire():
                    return versions[number]
            # What was available may be retired, for a newer one, between the look and
            # the lease: then look again.
            if not self.is_available(version):
                return None

    def _missing(
        self, found: dict[int, Path], wanted: set[int]
    ) -> dict[int, ModelVersion]:
        """Returns versions that are to be loaded, the newest first."""
        return {
            number: ModelVersion(number, found[number], self._load)
            for number in sorted(wanted, reverse=True)
            if number not in self._versions or self._versions[number].may_load_again()
        }
