"""Looks for new versions and for changes of the configuration."""

from __future__ import annotations

import logging
import threading
import time

from wish_tf.errors import InputError
from wish_tf.server.model_config import ModelConfig, read_model_config_file
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.serving_error import ServingError

_logger = logging.getLogger("wish_tf.server")


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
        start = time.monotonic()
        due = [start + period for period, _ in self._jobs]
        while not self._stop.wait(max(0.0, min(due) - time.monotonic())):
            for index, (period, job) in enumerate(self._jobs):
                if due[index] > time.monotonic():
                    continue
                try:
                    job()
                except Exception:
                    # The server goes on with what it has, and looks again.
                    _logger.exception("Cannot bring the models up to date")
                due[index] = time.monotonic() + period

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
