"""The version folders of a SavedModel, by TF-Serving's rule: whole numbers."""

from __future__ import annotations

from pathlib import Path

from wish_tf.errors import InputError


def version_numbers(base_path: str | Path) -> list[int]:
    """Returns the version numbers below a folder, ascending; [] if none."""
    base_path = Path(base_path)
    if not base_path.is_dir():
        return []
    return sorted(
        int(entry.name)
        for entry in base_path.iterdir()
        if entry.is_dir() and entry.name.isascii() and entry.name.isdigit()
    )


def newest_version(path: str | Path) -> Path:
    """Returns the SavedModel folder that a path means.

    Args:
        path: a folder of version folders, of which the highest number counts,
            or one version's folder itself.

    Raises:
        InputError: when there is no SavedModel.
    """
    path = Path(path)
    if (path / "saved_model.pb").is_file():
        return path
    versions = version_numbers(path)
    if not versions:
        raise InputError(
            f"expected a SavedModel, or a folder of its versions, at {path}; "
            + ("found neither" if path.is_dir() else "there is no such folder")
        )
    newest = path / str(versions[-1])
    if not (newest / "saved_model.pb").is_file():
        raise InputError(f"expected a SavedModel in {newest}; found no saved_model.pb")
    return newest
