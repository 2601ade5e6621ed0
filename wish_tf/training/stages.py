from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np

from wish_tf.callbacks.progress import Progress
from wish_tf.errors import InputError
from wish_tf.files import replacing, write_json
from wish_tf.types import Csr

Arrays: TypeAlias = dict[str, np.ndarray]
ABOUT = "about.json"
FIT = "fit"


class Stages:
    """The stages of a training: each runs once, and what it made is kept.

    Args:
        folder: where results are kept, one file a stage, so that a training that was
            killed goes on after the last that is finished; None: nowhere.
        identity: JSON values that tell this training from all others.
        report: is told how far a stage is.

    Raises:
        InputError: when the folder is of another training.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        identity: Mapping[str, Any] | None = None,
        report: Callable[[Progress], None] = lambda progress: None,
    ):
        self._folder = None if folder is None else Path(folder)
        self._report = report
        if self._folder is None:
            return
        about = json.loads(json.dumps(identity))
        path = self._folder / ABOUT
        if not path.exists():
            write_json(path, about)
        elif json.loads(path.read_text("utf-8")) != about:
            raise InputError(
                f"expected a checkpoint of this training in {self._folder}; got that "
                "of another one: the settings or the texts have changed"
            )

    def once(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """Returns what a stage makes: what was kept, or else what it makes now.

        Args:
            name: of the stage.
            compute: makes it.
        """
        kept = self._read(name)
        if kept is None:
            kept = compute()
            self._write(name, kept)
        return kept

    def report(self, stage: str, step: int, of: int, **values: float) -> None:
        """Tells callbacks how far a stage is; see `Progress`."""
        self._report(Progress(stage, step, of, values))

    def save_fit(self, model: keras.Model) -> None:
        """Keeps the state of `fit`: weights, optimizer, random seeds."""
        state = (variable.numpy() for variable in variables_of(model))
        self._write(FIT, {str(i): value for i, value in enumerate(state)})

    def restore_fit(self, model: keras.Model) -> None:
        """Gives a model the state of `fit` that was kept, if one was."""
        kept = self._read(FIT)
        if kept is not None:
            for i, variable in enumerate(variables_of(model)):
                variable.assign(kept[str(i)])

    def _read(self, name: str) -> Arrays | None:
        if self._folder is None:
            return None
        path = self._folder / f"{name}.npz"
        if not path.exists():
            return None
        try:
            with np.load(path) as file:
                return dict(file)
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            raise InputError(
                f"expected a checkpoint in {path}; it cannot be read: {error}"
            ) from error

    def _write(self, name: str, arrays: Arrays) -> None:
        if self._folder is not None:
            with replacing(self._folder / f"{name}.npz") as temporary:
                np.savez(temporary, **dict[str, Any](arrays))


def variables_of(model: keras.Model) -> Sequence[keras.Variable]:
    """All that training changes: weights, random seeds and the optimizer's state."""
    return [*model.variables, *model.optimizer.variables]


def digest(rows: Csr | None) -> str | None:
    """Returns what tells rows from others: a SHA-256 sum."""
    if rows is None:
        return None
    found = hashlib.sha256(repr(rows.shape).encode())
    for part in (rows.indptr, rows.indices, rows.data):
        found.update(np.ascontiguousarray(part).data)
    return found.hexdigest()
