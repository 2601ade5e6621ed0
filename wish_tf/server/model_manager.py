"""All models of a server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.errors import InputError
from wish_tf.server.model_config import ModelConfig, read_model_config_file
from wish_tf.server.model_version import ModelVersion, VersionState, VersionStatus
from wish_tf.server.served_model import ServedModel
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument
from wish_tf.server.version_directory import find_versions

if TYPE_CHECKING:
    from wish_tf.server.servable import Servable

_logger = logging.getLogger("wish_tf.server")


class ModelManager:
    """Finds the version that a request is for, and keeps versions up to date.

    Safe to call from several threads; changes wait for each other, requests do
    not wait for changes.

    A label may point to a version that its own configuration brings, also at the
    start. (TF-Serving refuses that unless
    `--allow_version_labels_for_unavailable_models` is given.)
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        load: Callable[[Path, int], Servable],
        allow_labels_for_unavailable_models: bool = False,
    ) -> None:
        """Loads the models; `load` loads and warms up the version in a folder.

        A new label may point to a version that is not available only if it is so
        allowed.

        Raises:
            InputError: If a model has no version that can be served.
        """
        self._load = load
        self._allow_labels = allow_labels_for_unavailable_models
        self._change = threading.Lock()
        # Both are replaced, never changed, so that requests need no lock.
        self._models: dict[str, ServedModel] = {}
        self._labels: dict[str, dict[str, int]] = {}
        try:
            self.configure(configs)
        except ServingError as error:
            raise InputError(error.message) from error

    def configure(self, configs: Sequence[ModelConfig]) -> None:
        """Changes the models that are served; returns when that is done.

        A model that is no longer named is unloaded after its last request. What is
        refused changes nothing: all is checked, and what is new loaded beside what is
        served, before.

        Raises:
            InputError: If a folder has no versions.
            ServingError: If a model has no version that can be loaded, or a label
                points to a version that is not available.
        """
        with self._change:
            for config in configs:
                self._check_labels(config, _chosen(config))
            loaded: list[tuple[ModelConfig, ServedModel, dict[int, ModelVersion]]] = []
            try:
                for config in configs:
                    model = self._models.get(config.name) or ServedModel(self._load)
                    loaded.append((config, model, model.load_beside(config)))
                    self._check_labels(config, _available(*loaded[-1]))
            except Exception:
                for _, model, versions in loaded:
                    model.drop(versions)
                raise
            for config, model, versions in loaded:
                model.take(config, versions)
            new = {config.name: model for config, model, _ in loaded}
            self._models = {**self._models, **new}
            self._labels = {config.name: dict(config.labels) for config in configs}
            for _, model, versions in loaded:
                model.retire_all_but(set(versions))
            for name in self._models.keys() - new.keys():
                self._models[name].withdraw()

    def refresh(self) -> None:
        """Loads the versions that have come and unloads those that have gone."""
        with self._change:
            for model in self._models.values():
                model.refresh()

    def lease(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> AbstractContextManager[Servable]:
        """Returns a context that keeps a version loaded, and gives it; to be entered.

        Without a version or a label it is the newest.

        Raises:
            ServingError: If there is no such model, version or label.
        """
        if label is not None:
            version = self._labelled(name, label)
        model = self._models.get(name)
        leased = None if model is None else model.lease(version)
        if leased is not None:
            return leased
        if not name:
            raise invalid_argument("expected a model name; got none")
        wanted = (
            f"Latest({name})" if version is None else f"Specific({name}, {version})"
        )
        text = f"Servable not found for request: {wanted}"
        raise ServingError(StatusCode.NOT_FOUND, text)

    @property
    def available(self) -> list[str]:
        """Names of the models that can be served, in the order of the configuration."""
        models = self._models
        return [name for name, model in models.items() if model.is_available()]

    def has_model(self, name: str) -> bool:
        """Whether there is, or has been, a model of this name."""
        return name in self._models

    def statuses(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> list[VersionStatus]:
        """Returns states of the versions of a model, also of those that have gone.

        The newest is the first; with a version or a label, there is only its status.

        Raises:
            ServingError: If there is no such model, version or label.
        """
        if label is not None:
            version = self._labelled(name, label)
        model = self._models.get(name)
        statuses = [] if model is None else model.statuses
        if version is not None:
            statuses = [status for status in statuses if status.version == version]
        if not statuses:
            what = "any versions" if version is None else f"version {version}"
            text = f"Could not find {what} of model {name}"
            raise ServingError(StatusCode.NOT_FOUND, text)
        return statuses

    def close(self) -> None:
        """Unloads everything, each version after its last request."""
        with self._change:
            for model in self._models.values():
                model.withdraw()

    def _labelled(self, name: str, label: str) -> int:
        version = self._labels.get(name, {}).get(label)
        if version is None:
            raise invalid_argument(f"Unrecognized servable version label: {label}")
        return version

    def _check_labels(self, config: ModelConfig, versions: set[int]) -> None:
        """Refuses labels of other versions than some."""
        known = self._labels.get(config.name, {})
        for label, version in config.labels.items():
            new = known.get(label, version) == version
            if version not in versions and not (self._allow_labels and new):
                raise ServingError(
                    StatusCode.FAILED_PRECONDITION,
                    f"Request to assign label to version {version} of model "
                    f"{config.name}, which is not currently available for inference",
                )


class ModelWatcher:
    """A thread that keeps a manager up to date with the file system.

    A context manager: it watches from the start to the end of the context.
    """

    def __init__(self, manager: ModelManager, options: ServerOptions) -> None:
        """Does nothing yet."""
        self._manager = manager
        self._applied: list[ModelConfig] = []
        self._complaint = ""
        jobs = [
            (options.file_system_poll_wait_seconds, manager.refresh),
            (options.model_config_file_poll_wait_seconds, self._reconfigure),
        ]
        self._config_file = options.model_config_file
        if self._config_file is None:
            jobs.pop()
        self._jobs = [(period, job) for period, job in jobs if period > 0]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-watcher")

    def __enter__(self) -> ModelWatcher:
        if self._jobs:
            self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        if self._jobs:
            self._thread.join()

    def _watch(self) -> None:
        due = {job: time.monotonic() + period for period, job in self._jobs}
        while not self._stop.wait(max(0.0, min(due.values()) - time.monotonic())):
            for period, job in self._jobs:
                if due[job] > time.monotonic():
                    continue
                try:
                    job()
                except Exception:
                    # The server goes on with what it has, and looks again.
                    _logger.exception("Cannot bring the models up to date")
                due[job] = time.monotonic() + period

    def _reconfigure(self) -> None:
        assert self._config_file is not None, "or there were no such job"
        try:
            configs = read_model_config_file(self._config_file)
            if configs != self._applied:
                self._manager.configure(configs)
                self._applied = configs
            complaint = ""
        except (InputError, ServingError) as error:
            # Tried again at every poll, but said once.
            complaint = str(error)
            if complaint != self._complaint:
                _logger.error("Cannot follow %s: %s", self._config_file, complaint)
        self._complaint = complaint


def _chosen(config: ModelConfig) -> set[int]:
    """Returns the versions that a configuration asks for, of those in its folder."""
    found = find_versions(config.base_path)
    chosen = config.policy.choose(found)
    if not chosen:
        wanted = sorted(config.policy.specific) if found else "such as 1"
        raise InputError(
            f"expected numbered versions {wanted} in {config.base_path}; got "
            f"{sorted(found) or 'none'}"
        )
    return chosen


def _available(
    config: ModelConfig, model: ServedModel, versions: dict[int, ModelVersion]
) -> set[int]:
    """Returns the numbers of those that are loaded, at least one."""
    loaded = {n for n, v in versions.items() if v.state is VersionState.AVAILABLE}
    if not loaded and not model.is_available():
        text = f"expected a version of model {config.name} that loads; got none"
        errors = [version.error for version in versions.values() if version.error]
        raise [*errors, ServingError(StatusCode.UNKNOWN, text)][0]
    return loaded
