"""Finds the versions in a model's base folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wish_tf.errors import InputError

# Within a version: what its export says of it.
CARD_FILE = Path("assets.extra", "model_card.json")
_VERSION = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_VERSION = 2**63 - 1


def find_versions(base_path: str | os.PathLike[str]) -> dict[int, Path]:
    """The version folders in `base_path`.

    Args:
        base_path: Folder whose subfolders are named by whole numbers. What has
            another name is passed over: -1, 1.5, and 007, of which there could be a
            second spelling; and links, whose target may change while it is loaded.

    Returns:
        Folder per version, the newest first; empty if there are none.

    Raises:
        InputError: If there is no such folder.
    """
    base = Path(base_path)
    try:
        children = list(base.iterdir())
    except OSError as error:
        raise InputError(
            f"expected a folder with numbered versions of a model; got {base}, which "
            f"is {_problem(base, error)}"
        ) from error
    versions = {
        int(child.name): child
        for child in children
        if _VERSION.fullmatch(child.name)
        and int(child.name) <= _MAX_VERSION
        and child.is_dir()
        and not child.is_symlink()
    }
    return dict(sorted(versions.items(), reverse=True))


def folder_stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes when something in the folder does; cheap to compare.

    Args:
        path: A version folder; it may be gone.

    Returns:
        Relative path, time of change in ns and size in bytes of each entry.
    """
    stamp = []
    for entry in sorted(path.rglob("*")):
        try:
            details = entry.stat()
        except FileNotFoundError:
            continue  # removed since it was listed
        name = os.path.relpath(entry, path)
        stamp.append((name, details.st_mtime_ns, details.st_size))
    return tuple(stamp)


def _problem(base: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "missing"
    if isinstance(error, NotADirectoryError):
        return "not a folder"
    return f"not readable: {error.strerror}"
