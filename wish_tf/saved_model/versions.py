"""The version folders of a SavedModel, by TF-Serving's rule: whole numbers."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.files import scratch_folder
from wish_tf.server.version_directory import find_versions

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def version_numbers(base_path: str | Path) -> list[int]:
    """Returns the version numbers below a folder, ascending; [] if none."""
    if not Path(base_path).is_dir():
        return []
    return sorted(find_versions(base_path))


def newest_version(path: str | Path) -> Path:
    """Returns the SavedModel folder that a path means.

    Args:
        path: a folder of version folders, of which the highest number counts,
            or one version's folder itself.

    Raises:
        InputError: when there is no SavedModel.
    """
    if "://" in str(path):
        raise InputError(f"expected a folder with a SavedModel; got the URL {path}")
    path = Path(path)
    if (path / "saved_model.pb").is_file():
        return path
    versions = find_versions(path) if path.is_dir() else {}
    if not versions:
        raise InputError(
            f"expected a SavedModel, or a folder of its versions, at {path}; got "
            + _instead(path)
        )
    newest = versions[max(versions)]
    if not (newest / "saved_model.pb").is_file():
        raise InputError(f"expected a SavedModel in {newest}; got no saved_model.pb")
    return newest


def _instead(path: Path) -> str:
    if (path / "model.keras").is_file():
        return "a run, of which wish-tf export makes one"
    return "neither" if path.is_dir() else "no such folder"


def add_version(base_path: str | Path, write: Callable[[Path], None]) -> Path:
    """Writes a folder under a hidden name, then gives it the next free number.

    Who lists `base_path` sees a whole version or none, also after a crash, which
    leaves at most a hidden folder. Of two that are added at once, each gets a
    number of its own.

    Args:
        base_path: folder of the versions; made if missing.
        write: called with the path of the folder, which it makes and fills. If
            it raises, nothing is left.

    Returns:
        The folder of the new version, `base_path/<number>`.

    Raises:
        InputError: when `base_path` is a file.
    """
    base_path = Path(base_path)
    if base_path.exists() and not base_path.is_dir():
        raise InputError(
            f"expected a folder to export versions into; got the file {base_path}"
        )
    base_path.mkdir(parents=True, exist_ok=True)
    with scratch_folder(base_path) as folder:
        write(folder / "version")
        return _publish(folder / "version", base_path)


def _publish(hidden: Path, base_path: Path) -> Path:
    """Renames a folder to the first number above all that are there."""
    number = max(version_numbers(base_path), default=0) + 1
    while True:
        target = base_path / str(number)
        try:
            # Fails where a folder with files stands: that is what keeps two
            # exports apart, without a lock that a crash could leave behind.
            os.rename(hidden, target)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            number += 1
        else:
            return target
