"""Index files of version 1, which were NumPy's .npz."""

from __future__ import annotations

import errno
import zipfile
from typing import BinaryIO

import numpy as np

MAGIC = b"PK\x03\x04"


def parse_npz(file: BinaryIO) -> dict[str, np.ndarray] | None:
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
