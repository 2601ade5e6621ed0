from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError
from wish_tf.files import read_json, scratch_folder, write_json
from wish_tf.text_hasher import TextHasher

FINISHED = "finished"
INTERRUPTED = "interrupted"
RUNNING = "running"
# What is read of metrics.json.
_PART = {"database": int, "queries": int}
_RESULT = {
    "bits": int,
    "precision_at_100": float | int | None,
    "distinct_codes": int,
    "dead_bits": int,
    "code_entropy": float | int,
    "bit_entropy": list,
    "documents": _PART,
}
_METRICS = {"validation": _RESULT, "test": _RESULT}


class RunFolder:
    """The files of one training run.

        config.json        what was asked for; `state` says how far it came
        model.keras        the trained hasher, there only once it is finished
        checkpoint/        the finished stages and the state of `fit` of an
                           unfinished run, and the weights of its best epoch so far
        history.csv        one line an epoch
        metrics.json       Prec@100 and code statistics
        typical.json       for each topic, training texts that are most about it
        logs/              TensorBoard

    A `state` of "running" whose process is gone is a run that was killed. The
    folder appears with its config.json at once.

    Args:
        path: the folder.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.config_path = self.path / "config.json"
        self.model_path = self.path / "model.keras"
        self.checkpoint_path = self.path / "checkpoint"
        self.best_path = self.checkpoint_path / "best.npz"
        self.history_path = self.path / "history.csv"
        self.metrics_path = self.path / "metrics.json"
        self.typical_path = self.path / "typical.json"
        self.logs_path = self.path / "logs"

    @property
    def files(self) -> list[Path]:
        """All that a run may consist of."""
        return [path for path in vars(self).values() if path != self.path]

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
            self._check_resumable(config)
            self.set_state(RUNNING)
            return
        parent = Path(os.path.abspath(self.path)).parent
        parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(parent) as scratch:
            new = scratch / "new"
            new.mkdir()
            write_json(new / self.config_path.name, {**config, "state": RUNNING})
            if self.path.exists() and (
                not self.path.is_dir() or any(self.path.iterdir())
            ):
                self._check_replaceable(force)
                # Away as a whole: a killed process leaves no half of it.
                self.path.rename(scratch / "old")
            new.rename(self.path)

    def finish(self) -> None:
        """Says that the run is finished, and removes what it went on from."""
        self.set_state(FINISHED)
        shutil.rmtree(self.checkpoint_path, ignore_errors=True)

    def _check_resumable(self, config: dict[str, Any]) -> None:
        started = self.config()
        if started["state"] == FINISHED:
            # Killed in `finish`, it may have left something.
            shutil.rmtree(self.checkpoint_path, ignore_errors=True)
            raise InputError(
                f"expected an unfinished run in {self.path}; got a finished one"
            )
        for key, value in json.loads(json.dumps(config)).items():
            if value != started.get(key):
                raise InputError(
                    f"expected the settings {self.path} was started with, {key} "
                    f"{started.get(key)!r}; got {value!r}"
                )

    def _check_replaceable(self, force: bool) -> None:
        if not self.config_path.is_file():
            raise InputError(
                f"expected a new folder or one of an earlier run; got {self.path}, "
                "which holds something else"
            )
        if not force:
            unfinished = self.config()["state"] != FINISHED
            or_resume = " or --resume to go on with it" if unfinished else ""
            raise InputError(
                f"expected a new folder; got {self.path}, which holds a run: give "
                f"--force to replace it{or_resume}"
            )

    def set_state(self, state: str, config: dict[str, Any] | None = None) -> None:
        """Writes the state, and the configuration if given."""
        config = self.config() if config is None else config
        write_json(self.config_path, {**config, "state": state})

    def config(self) -> dict[str, Any]:
        """Returns what is in config.json.

        Raises:
            InputError: when there is no run, or the file holds something else.
        """
        return self._read(self.config_path, {"state": str})

    def metrics(self) -> dict[str, Any]:
        """Returns what is in metrics.json, as `train_run` left it.

        Raises:
            InputError: when there is none, or it holds something else.
        """
        return self._read(self.metrics_path, _METRICS)

    def typical_texts(self) -> list[list[dict[str, str]]]:
        """Returns, for each topic, the `id` and the beginning of the `text` of the
        training texts that are most about it.

        Raises:
            InputError: when there are none, or the file holds something else.
        """
        return self._read(self.typical_path, {"topics": list})["topics"]

    def _read(self, path: Path, parts: dict[str, Any]) -> dict[str, Any]:
        if not path.is_file():
            raise InputError(f"expected a run in {self.path}; got no {path.name}")
        return read_json(path, parts)

    def check_finished(self) -> dict[str, Any]:
        """Returns the configuration of a finished run.

        Raises:
            InputError: when there is none, or it is not finished.
        """
        config = self.config()
        if config["state"] != FINISHED:
            raise InputError(
                f"expected a finished run in {self.path}; got one that is "
                f"{config['state']}: give --resume to wish-tf train to go on with it"
            )
        return config

    def hasher(self) -> TextHasher:
        """Returns the hasher of a finished run.

        Raises:
            InputError: when there is none, or it is not finished.
        """
        self.check_finished()
        return TextHasher.load(self.model_path)
