"""Finds the version to serve in a model's base folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wish_tf.errors import InputError

_VERSION = re.compile(r"[0-9]{1,19}")


def latest_version(base_path: str | os.PathLike[str]) -> tuple[int, Path]:
    """The highest version in `base_path`, TF-Serving's default policy.

    Args:
        base_path: Folder whose subfolders are named by whole numbers.

    Returns:
        Version and its folder.

    Raises:
        InputError: If there is no such folder.
    """
    base = Path(base_path)
    if not base.is_dir():
        raise InputError(
            f"Expected a folder with numbered versions of a model, but {base} is "
            f"{'not a folder' if base.exists() else 'missing'}."
        )
    versions = [
        (int(child.name), child)
        for child in base.iterdir()
        if _VERSION.fullmatch(child.name) and child.is_dir()
    ]
    if not versions:
        raise InputError(
            f"Expected a numbered version folder such as {base / '1'}, but {base} "
            "has none."
        )
    return max(versions)
