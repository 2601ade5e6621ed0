"""Where the files of the built-in corpora are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.documents import Documents, Fields
from wish_tf.errors import InputError

VARIABLE = "WISH_TF_DATA"


def find_data_dir(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """Returns the folder of corpus files.

    Args:
        data_dir: The folder; None: what the environment variable `WISH_TF_DATA` says.

    Returns:
        The folder, or None if neither names one.

    Raises:
        InputError: if the folder does not exist.
    """
    source = "the data directory"
    if data_dir is None:
        data_dir = os.environ.get(VARIABLE) or None
        source = VARIABLE
    if data_dir is None:
        return None
    folder = Path(data_dir).expanduser()
    if not folder.is_dir():
        raise InputError(f"expected {source} to be a folder; got {str(folder)!r}")
    return folder


def read_data_file(data_dir: Path | None, names: Mapping[str, str]) -> Corpus | None:
    """Reads the first of some files that `data_dir` has; None if it has none.

    Args:
        data_dir: The folder.
        names: By file, what its corpus is called.
    """
    for file, name in names.items():
        if data_dir is not None and (path := data_dir / file).is_file():
            return Documents(path, Fields(split="split")).corpus(name, unique_ids=False)
    return None


def unavailable(corpus: str, file: str, reason: str) -> InputError:
    """Returns the error for a built-in corpus that cannot be had.

    Args:
        corpus: Its name.
        file: The file that would have been read.
        reason: Why there was no other way, a clause.
    """
    return InputError(
        f"the corpus {corpus!r} is not available: {reason}; pass --data-dir "
        f"(data_dir=) or set {VARIABLE} to a folder that holds {file}"
    )
