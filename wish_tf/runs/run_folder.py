from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError
from wish_tf.files import write_json

FINISHED = "finished"
INTERRUPTED = "interrupted"
RUNNING = "running"


class RunFolder:
    """The files of one training run.

        config.json        what was asked for; `state` says how far it came
        model.keras        the trained hasher, there only once it is finished
        checkpoint.keras   the training state of an unfinished run
        best.npz           the weights of its best epoch so far
        history.csv        one line an epoch
        metrics.json       Prec@100 and code statistics
        logs/              TensorBoard

    A `state` of "running" whose process is gone is a run that was killed.

    Args:
        path: the folder.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.config_path = self.path / "config.json"
        self.model_path = self.path / "model.keras"
        self.checkpoint_path = self.path / "checkpoint.keras"
        self.best_path = self.path / "best.npz"
        self.history_path = self.path / "history.csv"
        self.metrics_path = self.path / "metrics.json"
        self.logs_path = self.path / "logs"

    def start(self, config: dict[str, Any], *, force: bool, resume: bool) -> None:
        """Makes the folder ready for a run.

        Args:
            config: what is asked for, JSON values.
            force: whether a run that is there may be deleted.
            resume: whether a run that is there is to be continued.

        Raises:
            InputError: when a run is there and neither is wanted, it is
                finished or was asked for something else, or the folder holds
                other things.
        """
        if resume:
            started = self.config()
            if started["state"] == FINISHED:
                raise InputError(
                    f"expected an unfinished run in {self.path}; it is finished"
                )
            changed = [k for k in config if config[k] != started.get(k)]
            if changed:
                key = changed[0]
                raise InputError(
                    f"expected the settings {self.path} was started with; {key} was "
                    f"{started.get(key)!r}, got {config[key]!r}"
                )
        elif self.path.exists() and (
            not self.path.is_dir() or any(self.path.iterdir())
        ):
            if not self.config_path.is_file():
                raise InputError(
                    f"expected a new folder or one of an earlier run; {self.path} "
                    "holds something else"
                )
            if not force:
                raise InputError(
                    f"{self.path} holds a run; give --force to replace it"
                    + (
                        ""
                        if self.config()["state"] == FINISHED
                        else " or --resume to go on with it"
                    )
                )
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.set_state(RUNNING, config)

    def set_state(self, state: str, config: dict[str, Any] | None = None) -> None:
        """Writes the state, and the configuration if given."""
        config = self.config() if config is None else config
        write_json(self.config_path, {**config, "state": state})

    def config(self) -> dict[str, Any]:
        """Returns what is in config.json.

        Raises:
            InputError: when there is no run.
        """
        return self._read(self.config_path)

    def metrics(self) -> dict[str, Any]:
        """Returns what is in metrics.json, as `train_run` left it.

        Raises:
            InputError: when there is none.
        """
        return self._read(self.metrics_path)

    def _read(self, path: Path) -> dict[str, Any]:
        if not path.is_file():
            raise InputError(f"expected a run in {self.path}; it holds no {path.name}")
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise InputError(
                f"expected JSON in {path}; it cannot be read: {error}"
            ) from error

    def check_finished(self) -> dict[str, Any]:
        """Returns the configuration of a finished run.

        Raises:
            InputError: when there is none, or it is not finished.
        """
        config = self.config()
        if config["state"] != FINISHED:
            raise InputError(
                f"expected a finished run in {self.path}; it is {config['state']}: "
                "give --resume to wish-tf train to go on with it"
            )
        return config
