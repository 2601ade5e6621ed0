"""One file of named arrays, written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from wish_tf.errors import InputError
from wish_tf.files import replacing


def write_index_file(
    path: str | os.PathLike[str],
    name: str,
    version: int,
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Writes arrays to one file, replacing a former one in a single step.

    Args:
        path: The file, used exactly as given.
        name: Name of the format, stored in the file.
        version: Version of the format, stored in the file.
        arrays: What to store, in NumPy's .npz format; no object arrays.

    Raises:
        InputError: If the folder does not exist or the path is a folder.
        OSError: If the file system refuses to write; a former file stays as it is.
    """
    path = os.fspath(path)
    if os.path.isdir(path):
        raise InputError(f"an index is saved as a file; got the folder {path!r}.")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise InputError(
            f"an index is saved in an existing folder; got {path!r}, whose folder "
            "does not exist."
        )
    with replacing(path) as temporary, temporary.open("xb") as file:
        np.savez(
            file,
            allow_pickle=False,
            format=np.array(name),
            version=np.array(version, np.int64),
            **arrays,
        )
        file.flush()
        os.fsync(file.fileno())


def read_index_file(
    path: str | os.PathLike[str], name: str, version: int
) -> dict[str, np.ndarray]:
    """Reads what `write_index_file` wrote.

    Args:
        path: The file, used exactly as given.
        name: Name of the format expected.
        version: Version of the format expected.

    Returns:
        The arrays by name.

    Raises:
        InputError: If there is no such file, or it is damaged, of another format
            or of another version.
    """
    path = os.fspath(path)
    expected = f"{path!r} must be a {name} file"
    if not os.path.isfile(path):
        raise InputError(f"{expected}; got no file of that name.")
    with open(path, "rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise InputError(f"{expected}; got a file of some other kind.")
        arrays = _parse(file)
    if arrays is None:
        raise InputError(f"{expected}; got a damaged or incomplete file.")
    found = arrays.pop("format", None)
    if found is None or found.dtype.kind != "U" or found.shape != () or found != name:
        raise InputError(f"{expected}; got a file of some other kind.")
    found = arrays.pop("version", None)
    if found is None or found.shape != () or found != version:
        raise InputError(
            f"{expected} of version {version}; got version {found}, "
            "which this version of wish_tf cannot read."
        )
    return arrays


def _parse(file: BinaryIO) -> dict[str, np.ndarray] | None:
    """The arrays of an .npz file, or None if it is damaged."""
    try:
        # Checksums first: NumPy would reserve the memory that a damaged header asks
        # for before it noticed that the data are not there.
        with zipfile.ZipFile(file) as archive:
            if archive.testzip() is not None:
                return None
        file.seek(0)
        with np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except MemoryError:
        raise
    except OSError as error:
        # Damage makes zipfile seek to impossible places; anything else is the disk.
        if error.errno not in (None, errno.EINVAL):
            raise
        return None
    except Exception:
        # There is no common class of what zipfile and NumPy raise for damage:
        # BadZipFile, ValueError, EOFError, struct.error, NotImplementedError, ...
        return None
