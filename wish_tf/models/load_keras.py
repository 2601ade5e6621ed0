from __future__ import annotations

import zipfile
from pathlib import Path

import keras

from wish_tf.checks import check_process
from wish_tf.errors import InputError, first_line


def load_keras(path: str | Path) -> keras.Model:
    """Returns the model of a `.keras` file.

    Raises:
        InputError: when the file is missing or cannot be read.
    """
    check_process()
    if not Path(path).is_file():
        raise InputError(f"expected a .keras file; got {path}, which is none")
    try:
        # Keras does not read, and so does not check, all of it.
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is None:
            return keras.saving.load_model(path)
    except MemoryError:
        raise
    # There is no common class of what Keras, HDF5, zipfile and zlib raise for damage
    # and for contents made by hand.
    except Exception as error:
        raise InputError(
            f"expected a .keras file; got {path}, which cannot be read: "
            f"{first_line(error)}"
        ) from error
    raise InputError(f"expected a .keras file; got {path}, whose {damaged} is damaged")
