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
    """Returns the version folders in a folder, the newest first.

    What has no whole number as its name is passed over: -1, 1.5, and 007, of which
    there could be a second spelling; and links, whose target may change while it is
    loaded.

    Raises:
        InputError: If there is no such folder.
    """
    base = Path(base_path)
    try:
        children = list(base.iterdir())
    except OSError as error:
        raise InputError(
            f"expected a folder with numbered versions of a model; got {base}: "
            f"{error.strerror}"
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
    """Changes when something in the folder, which may be gone, does.

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
